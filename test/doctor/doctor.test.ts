import { expect, test } from 'vitest'
import { sectionLines } from '../../tasks/lib/doctor/table.ts'
import { runTasks, temporaryFolder } from '../support/cli.ts'
import { writeScript } from '../support/folder.ts'

// Programs that only say their version: enough to be found, so that nothing asks the network.
async function programs(): Promise<string> {
  const folder = temporaryFolder()
  const of = (version: string) => `echo v${version}`
  for (const name of ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl']) {
    await writeScript(`${folder}/${name}`, of('1.36.3'))
  }
  await writeScript(`${folder}/etcd`, of('3.6.14'))
  await writeScript(`${folder}/kwok`, of('0.8.0'))
  return folder
}

async function doctor(files: Record<string, string>, args: string[] = []) {
  const root = temporaryFolder(files)
  const env = {
    SANDBOX_BIN: await programs(),
    XDG_STATE_HOME: `${root}/state`,
    EDITOR: undefined,
    NODE: undefined,
  }
  return runTasks(['doctor', ...args], { cwd: root, env })
}

test('the table has a mark, a name, what is there, and below it the next thing to type', () => {
  const lines = sectionLines(
    [
      {
        title: 'machine',
        results: [
          { name: 'git', state: 'good', detail: '/usr/bin/git' },
          { name: 'clock', state: 'missing', detail: 'it is 1970', hint: 'set it' },
          { name: 'x', state: 'warning', detail: 'hm' },
        ],
      },
      { title: 'cluster', results: [] },
    ],
    (_, text) => text,
  )
  expect(lines).toEqual([
    'machine',
    '  ✓ git    /usr/bin/git',
    '  ✗ clock  it is 1970',
    '           set it',
    '  ! x      hm',
  ])
})

test('doctor ends 0 in a project where nothing is missing', async () => {
  const ran = await doctor({ '.env': '' })
  expect(ran.stdout).not.toContain('✗')
  expect(ran.stdout).toContain('no nodes are configured: the target is the sandbox')
  expect(ran.exitCode).toBe(0)
  expect(ran.stderr).toContain('next: tasks plan')
})

test('doctor ends 1 and names every mistake of a broken .env', async () => {
  const ran = await doctor({ '.env': 'TZ=Mars/Olympus\nPOOL_NUM_SMALL=many\n' })
  expect(ran.exitCode).toBe(1)
  expect(ran.stdout.match(/✗ \.env:\d/g)).toEqual(['✗ .env:1', '✗ .env:2'])
  expect(ran.stderr).toContain('2 missing')
})

test('outside a project doctor looks at the machine and says how to start one', async () => {
  const ran = await doctor({}, ['--json'])
  expect(ran.exitCode).toBe(1)
  const { missing, sections } = JSON.parse(ran.stdout)
  expect(missing).toBe(1)
  expect(sections.at(-1)).toEqual({
    title: 'project',
    results: [
      {
        name: 'project',
        state: 'missing',
        detail: 'this folder and its parents have no cluster.yaml, .env or manifests/',
        hint: 'tasks init',
      },
    ],
  })
})
