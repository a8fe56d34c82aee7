import { mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { directories } from '../../tasks/lib/node/directories/directories.ts'
import type { GroundOptions } from '../../tasks/lib/node/directories/ground.ts'
import type { Answer, Planned } from '../../tasks/lib/node/resource.ts'
import { temporaryFolder } from '../support/cli.ts'
import { localMachine } from '../support/local-machine.ts'

const base = '/var/lib/k8s-volumes'
const wanted = {
  folder: base,
  paths: [`${base}/pool-s/pv-1`, `${base}/pool-s/pv-2`, `${base}/share`],
  closed: [`${base}/pool-s`],
}
const data = { name: 'data', path: base, opened: '/dev/mapper/luks-data' }
const options: GroundOptions = { node: 'kube1', volumes: [data], onRootDisk: false }

const root = '21 1 98:0 / / rw,relatime shared:1 - ext4 /dev/root rw'
const mounted = `44 21 253:1 / ${base} rw,relatime shared:9 - ext4 /dev/mapper/luks-data rw,prjquota`

/** What the probe answers: what is mounted, what fstab says, and which directories there are with which mode. */
function answer(
  mounts: string[],
  {
    fstab = '',
    found = {},
    stderr = '',
  }: { fstab?: string; found?: Record<string, string>; stderr?: string } = {},
): Answer {
  const lines = Object.entries(found).map(([path, state]) => `41ed\t${state.replace(' ', '\t')}\t${path}`)
  const stdout = [...mounts, '-- fstab', fstab, '-- directories', ...lines, '-- end', ''].join('\n')
  return { stdout, stderr, exitCode: 0 }
}

function plan(given: Answer, more: Partial<GroundOptions> = {}): Planned {
  return directories(wanted, { ...options, ...more }).plan(given)
}

const allThere = Object.fromEntries([
  [`${base}/pool-s`, `700 ${base}`],
  ...wanted.paths.map((path) => [path, `755 ${base}`]),
])

describe('the directories of a machine', () => {
  test('are made by one command, behind a check that their volume is mounted', () => {
    const { actions } = plan(answer([root, mounted]))
    expect(actions).toEqual([
      {
        action: 'create',
        title: `create 3 directories on ${base}`,
        after: [`${base}/pool-s  mode 0700`, ...wanted.paths],
        commands: [
          `mountpoint -q ${base}`,
          `test "$(findmnt -n -o SOURCE --mountpoint ${base} | tail -n 1)" = /dev/mapper/luks-data`,
          'umask 022',
          `mkdir -p -- ${base}/pool-s`,
          `chmod 0700 -- ${base}/pool-s`,
          `mkdir -p -- ${wanted.paths.join(' ')}`,
        ],
      },
    ])
  })

  test('need nothing when all are there', () => {
    expect(plan(answer([root, mounted], { found: allThere })).actions).toEqual([])
  })

  test('only those that are missing are made', () => {
    const { [`${base}/share`]: _, ...found } = allThere
    expect(plan(answer([root, mounted], { found })).actions[0]!.commands.slice(2)).toEqual([
      'umask 022',
      `mkdir -p -- ${base}/share`,
    ])
  })

  test('a pool that others may look into is closed', () => {
    const found = { ...allThere, [`${base}/pool-s`]: `755 ${base}` }
    const [action] = plan(answer([root, mounted], { found })).actions
    expect(action).toMatchObject({ action: 'update', title: `close 1 directory on ${base}` })
    expect(action!.commands).toContain(`chmod 0700 -- ${base}/pool-s`)
  })
})

/** What a plan refuses, and what it says to do. */
function refusals({ actions }: Planned): [message?: string, hint?: string][] {
  return actions.map(({ blocked }) => [blocked?.message, blocked?.hint])
}

describe('C01 nothing is made on the disk of the system', () => {
  test('C01 while the configured volume is not mounted', () => {
    expect(refusals(plan(answer([root])))).toEqual([
      [`volume data is not mounted at ${base}`, 'NODE=kube1 tasks volumes'],
    ])
  })

  test('C01 directories that are seen below a mount point do not count while nothing is mounted', () => {
    const found = Object.fromEntries(Object.entries(allThere).map(([path]) => [path, '700 /']))
    expect(refusals(plan(answer([root], { found })))).toHaveLength(1)
  })

  test('C01 where no volume is configured and none is mounted', () => {
    expect(refusals(plan(answer([root]), { volumes: [] }))).toEqual([
      [
        `${base}/pool-s lies on the disk of the system: no volume is mounted there`,
        'give kube1 a volume for it in cluster.yaml, or say there: volumes: { rootDisk: true }',
      ],
    ])
  })

  test('C01 where something else is mounted at the place of the volume', () => {
    const other = `44 21 253:1 / ${base} rw - tmpfs tmpfs rw`
    expect(refusals(plan(answer([root, other])))[0]![0]).toBe(
      `tmpfs is mounted at ${base}, expected /dev/mapper/luks-data of volume data`,
    )
  })

  test('C01 where fstab would mount a file system, whatever the configuration allows', () => {
    const given = answer([root], { fstab: `# data\n/dev/vg0/data ${base}/ ext4 defaults 0 0` })
    expect(refusals(plan(given, { volumes: [], onRootDisk: true }))).toEqual([
      [`/etc/fstab has a mount at ${base}, and nothing is mounted there`, `on kube1: mount ${base}`],
    ])
  })

  test('C01 where a link leads out of the mounted file system', () => {
    const found = { ...allThere, [`${base}/share`]: '755 /' }
    expect(refusals(plan(answer([root, mounted], { found })))[0]![0]).toBe(
      `${base}/share leads to /, expected a directory on ${base}`,
    )
  })

  test('unless the configuration says that it will do', () => {
    const [action] = plan(answer([root]), { volumes: [], onRootDisk: true }).actions
    expect(action!.blocked).toBeUndefined()
    expect(action!.commands[0]).toBe('umask 022')
  })
})

test('a volume that an earlier step of the plan mounts is checked again before the first directory', () => {
  const [action] = plan(answer([root]), { mountedBefore: true }).actions
  expect(action!.blocked).toBeUndefined()
  expect(action!.commands[0]).toBe(`mountpoint -q ${base}`)
  expect(action!.notes).toEqual(['after volume data is mounted'])
})

test('a file system that somebody else mounts will do, and is checked again', () => {
  const own = `44 21 8:1 / ${base} rw - ext4 /dev/sdb1 rw`
  expect(plan(answer([root, own]), { volumes: [] }).actions[0]!.commands[0]).toBe(`mountpoint -q ${base}`)
})

test('a PersistentVolume that is a mount point itself is warned of', () => {
  const share = { name: 'share', path: `${base}/share`, opened: '/dev/mapper/luks-share' }
  const { findings } = plan(answer([root, mounted]), { volumes: [data, share] })
  expect(findings).toMatchObject([
    { severity: 'warning', hint: 'mount volume share at a folder above /var/lib/k8s-volumes/share' },
  ])
})

test('an answer that was cut off, or a path that cannot be read, is an error', () => {
  expect(() => plan({ stdout: `${root}\n-- fstab\n`, stderr: '', exitCode: 0 })).toThrow('could not be read')
  const stderr = `stat: cannot statx '${base}/share': Input/output error`
  expect(() => plan(answer([root, mounted], { stderr }))).toThrow('Input/output error')
})

test('ten thousand directories are several commands', () => {
  const paths = Array.from({ length: 1200 }, (_, index) => `${base}/d${index}`)
  const { actions } = directories({ folder: base, paths, closed: [] }, options).plan(answer([root, mounted]))
  expect(actions[0]!.commands.filter((line) => line.startsWith('mkdir'))).toHaveLength(3)
})

test('only mounts around and below the folder are told of, and the same each time', async () => {
  const { probe } = directories({ folder: '/proc', paths: ['/proc/self'], closed: [] }, options)
  const machine = localMachine('kube1')
  const told = await machine.run(probe, { allowFailure: true })
  expect((await machine.run(probe, { allowFailure: true })).stdout).toBe(told.stdout)
  const mounts = told.stdout.split('-- fstab')[0]!.trim().split('\n')
  expect(
    mounts.map((line) => line.split(' ')[4]).filter((path) => !/^\/(proc(\/.*)?)?$/.test(path!)),
  ).toEqual([])
})

describe('on a real file system', () => {
  const machine = localMachine('kube1')

  async function converge(folder: string): Promise<Planned> {
    const resource = directories(
      { folder, paths: [join(folder, 'pool-s/a b'), join(folder, "it's")], closed: [join(folder, 'pool-s')] },
      { ...options, volumes: [], onRootDisk: true },
    )
    const { actions } = resource.plan(await machine.run(resource.probe, { allowFailure: true }))
    for (const { commands } of actions) await machine.run(`set -eu\n${commands.join('\n')}`)
    return resource.plan(await machine.run(resource.probe, { allowFailure: true }))
  }

  test('directories are made with their modes, and a second look finds nothing to do', async () => {
    const folder = temporaryFolder({})
    expect(await converge(folder)).toEqual({ actions: [], findings: [] })
    expect(readdirSync(folder).sort()).toEqual(["it's", 'pool-s'])
    expect(statSync(join(folder, 'pool-s')).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, 'pool-s/a b')).mode & 0o777).toBe(0o755)
  })

  test('a file in the place of a directory is refused, a link to a directory is none', async () => {
    const folder = temporaryFolder({})
    writeFileSync(join(folder, "it's"), '')
    expect(refusals(await converge(folder))[0]![0]).toContain('is no directory')
    const linked = temporaryFolder({})
    mkdirSync(join(linked, 'real'))
    symlinkSync('real', join(linked, "it's"))
    expect((await converge(linked)).actions).toEqual([])
  })
})
