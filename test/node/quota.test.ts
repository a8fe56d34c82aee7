import { describe, expect, test } from 'vitest'
import { projectIds } from '../../tasks/lib/node/quota/project-ids.ts'
import { quotas } from '../../tasks/lib/node/quota/quotas.ts'
import type { Answer } from '../../tasks/lib/node/resource.ts'

describe('the project of a directory', () => {
  test('is the same whatever other directories there are', () => {
    const all = projectIds(['/srv/a', '/srv/b', '/srv/c'])
    expect(projectIds(['/srv/b']).get('/srv/b')).toBe(all.get('/srv/b'))
  })

  test('is its own alone, and leaves small numbers to other programs', () => {
    const paths = Array.from({ length: 20_000 }, (_, index) => `/srv/pool-s/pv-${index}`)
    const ids = [...projectIds(paths).values()]
    expect(new Set(ids).size).toBe(paths.length)
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(2 ** 30)
    expect(Math.max(...ids)).toBeLessThan(2 ** 31 + 20_000)
  })
})

const wanted = [
  { path: '/srv/a', bytes: 10 * 2 ** 20 },
  { path: '/srv/b', bytes: 1000 },
]
const ids = projectIds(wanted.map(({ path }) => path))
const [a, b] = [ids.get('/srv/a')!, ids.get('/srv/b')!]
const resource = quotas(wanted, { folder: '/srv', node: 'kube1', volumes: [], onRootDisk: false })
const counting = '0 0 0 / /srv rw shared:1 - ext4 /dev/sdb rw,prjquota'
const plain = '0 0 0 / /srv rw shared:1 - ext4 /dev/sdb rw'

function plan(mount: string, projects: string[], limits: string[]) {
  const stdout = [
    mount,
    '-- fstab',
    '-- projects',
    ...projects,
    '-- limits',
    '> /srv',
    ...limits,
    '-- end',
    '',
  ]
  const answer: Answer = { stdout: stdout.join('\n'), stderr: '', exitCode: 0 }
  return resource.plan(answer)
}

describe('limits of directories', () => {
  test('are set for all of a file system in one command, in whole KiB', () => {
    const { actions, findings } = plan(counting, [`0 ----- /srv/a`, '> 4\t/srv/a'], [])
    expect(findings).toEqual([])
    expect(actions[0]!.commands).toEqual([
      `find /srv/a -xdev '(' -type d -exec chattr +P -p ${a} {} + ')' -o '(' -type f -exec chattr -p ${a} {} + ')'`,
      `find /srv/b -xdev '(' -type d -exec chattr +P -p ${b} {} + ')' -o '(' -type f -exec chattr -p ${b} {} + ')'`,
      `xfs_quota -x -f -c 'limit -p bhard=10240k ${a}' -c 'limit -p bhard=1k ${b}' /srv`,
    ])
  })

  const counted = [`${a} ----P /srv/a`, `${b} ----P /srv/b`]

  test('need nothing where they are as wanted', () => {
    expect(plan(counting, counted, [`#${a} 10240 `, `#${b} 1 `])).toEqual({ actions: [], findings: [] })
  })

  test('that differ are set alone, without counting again', () => {
    const { actions } = plan(counting, counted, [`#${a} 512 `, `#${b} 1 `])
    expect(actions[0]!.commands).toEqual([`xfs_quota -x -f -c 'limit -p bhard=10240k ${a}' /srv`])
  })

  test('a directory whose new files would not be counted is counted again', () => {
    const { actions } = plan(counting, [`${a} ----- /srv/a`, counted[1]!], [`#${a} 10240 `, `#${b} 1 `])
    expect(actions[0]!.commands[0]).toContain('find /srv/a')
  })

  test('are not set where more is used already', () => {
    const { actions, findings } = plan(counting, counted, [`#${a} 0 full`, `#${b} 1 `])
    expect(actions).toEqual([])
    expect(findings).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('/srv/a holds more') },
    ])
  })

  test('a file system that counts no projects is a note, and a missing program a warning', () => {
    expect(plan(plain, [], [])).toMatchObject({ actions: [], findings: [{ severity: 'note' }] })
    expect(plan(counting, counted, ['missing'])).toMatchObject({
      actions: [],
      findings: [{ severity: 'warning', hint: 'tasks node:prepare kube1' }],
    })
  })
})
