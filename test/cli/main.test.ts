import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { quoteAll } from '../../tasks/lib/cli/process/quote.ts'
import { packageInfo, packageRoot } from '../../tasks/lib/cli/root.ts'
import { run, runTasks, tasksWords, temporaryFolder } from '../support/cli.ts'

const library = join(packageRoot(), 'tasks/lib/cli')

/** A project with one task of its own. */
function project(body: string, header = "group: 'start', summary: 'try'"): string {
  const source = `
    import { writeFileSync } from 'node:fs'
    import { TaskError } from '${library}/errors.ts'
    import { defineTask } from '${library}/task.ts'
    export default defineTask(import.meta, { ${header}, examples: [['tasks try', 'it']], ${body} })`
  return temporaryFolder({ 'tasks/try.ts': source, '.env': '', 'manifests/web.yaml': '' })
}

test('tasks --version prints the version', async () => {
  expect(await runTasks(['--version'])).toEqual({
    exitCode: 0,
    stdout: `${packageInfo().version}\n`,
    stderr: '',
  })
})

test('tasks lists the commands of package and project', async () => {
  const { stdout, stderr, exitCode } = await runTasks([], { cwd: project('async run() {}') })
  expect(stdout).toMatch(/^ {2}completion .* print a completion script/m)
  expect(stdout).toMatch(/^ {2}try .* try$/m)
  expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 })
})

test('tasks --json lists them as one document', async () => {
  const { stdout } = await runTasks(['--json'], { cwd: project('async run() {}') })
  expect(JSON.parse(stdout)).toContainEqual({ name: 'try', group: 'start', summary: 'try' })
})

test('a task gets its arguments, its options, the project root and gives the exit code', async () => {
  const cwd = project(`
    arguments: { name: { summary: 'a name' } },
    async run({ arguments: { name }, options, root, output }) {
      output.data(JSON.stringify({ name, root, sandbox: options.sandbox }) + '\\n')
      return 2
    }`)
  const { exitCode, stdout } = await runTasks(['--sandbox', 'try', 'web'], { cwd: join(cwd, 'manifests') })
  expect(exitCode).toBe(2)
  expect(JSON.parse(stdout)).toEqual({ name: 'web', root: cwd, sandbox: true })
})

test('a task with a plan is planned with --dry-run and applied with --yes', async () => {
  const cwd = project(`
    async plan({ root }) {
      const made = root + '/made'
      const change = {
        target: 'file made', action: 'create', title: 'create file made', before: [], after: ['made'],
        async run() { writeFileSync(made, 'made') },
        async verify() {},
      }
      const step = { name: 'files', title: 'Create files', waves: [{ changes: [change], parallel: 1 }], unchanged: [] }
      return { target: 'this folder', steps: [step], findings: [] }
    }`)
  const planned = await runTasks(['try', '--dry-run'], { cwd })
  expect(planned).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('create file made') })
  expect(existsSync(join(cwd, 'made'))).toBe(false)
  expect(await runTasks(['try', '--yes'], { cwd })).toMatchObject({ exitCode: 0, stdout: '' })
  expect(existsSync(join(cwd, 'made'))).toBe(true)
})

test('npx tsx tasks/try.ts is tasks try', async () => {
  const cwd = project('async run({ output }) { output.data("done\\n") }')
  const tsx = join(packageRoot(), 'node_modules/.bin/tsx')
  for (const args of [['--help'], ['--nonsense'], []]) {
    const direct = await run(tsx, ['tasks/try.ts', ...args], { cwd })
    expect(direct).toEqual(await runTasks(['try', ...args], { cwd }))
  }
})

test('an unknown task is wrong usage', async () => {
  expect(await runTasks(['tyr'], { cwd: project('async run() {}') })).toEqual({
    exitCode: 64,
    stdout: '',
    stderr: 'error: there is no task tyr\nhint: did you mean tasks try?\n',
  })
})

test('the name of a manifest asks for tasks apply', async () => {
  const { exitCode, stderr } = await runTasks(['web'], { cwd: project('async run() {}') })
  expect(exitCode).toBe(64)
  expect(stderr).toContain('hint: did you mean tasks apply web?')
})

test('an option that no task has is wrong usage', async () => {
  const { exitCode, stderr } = await runTasks(['--versoin'])
  expect({ exitCode, stderr }).toEqual({
    exitCode: 64,
    stderr: 'error: unknown option --versoin\nhint: did you mean --version?\n',
  })
})

test('an error of the operator is printed with its place and its hint', async () => {
  const cwd = project(`async run() {
    throw new TaskError('$X is not set', { file: 'manifests/web.yaml', line: 3, hint: 'set X in .env' })
  }`)
  expect(await runTasks(['try'], { cwd })).toEqual({
    exitCode: 1,
    stdout: '',
    stderr: 'error: manifests/web.yaml:3: $X is not set\nhint: set X in .env\n',
  })
})

test('with --json an error is one JSON document, and the exit code stays', async () => {
  const cwd = project("async run() { throw new TaskError('broken', { hint: 'mend it', exitCode: 1 }) }")
  const failed = await runTasks(['try', '--json'], { cwd })
  expect(failed.exitCode).toBe(1)
  expect(JSON.parse(failed.stdout)).toEqual({
    error: 'broken',
    findings: [{ severity: 'error', message: 'broken', hint: 'mend it' }],
  })
  const wrong = await runTasks(['try', '--json', '--nonsense'], { cwd })
  expect(wrong.exitCode).toBe(64)
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: 'unknown option --nonsense' })
})

test('a bug is reported with stack, version and where to report it', async () => {
  const cwd = project('async run() { undefined.foo }')
  const { exitCode, stderr } = await runTasks(['try'], { cwd })
  expect(exitCode).toBe(1)
  expect(stderr).toContain(
    `this is a bug in tasks ${packageInfo().version}: Cannot read properties of undefined`,
  )
  expect(stderr).toContain('hint: report it with the lines below')
  expect(stderr).toMatch(/ at .*tasks\/try\.ts/)
})

test('an error that nobody waits for is reported as a bug too', async () => {
  const cwd = project(
    "async run() { setTimeout(() => { throw new Error('late') }); await new Promise(() => {}) }",
  )
  const { exitCode, stderr } = await runTasks(['try'], { cwd })
  expect(exitCode).toBe(1)
  expect(stderr).toContain('this is a bug in tasks')
})

test("a mistake in the project's own file is no bug of ours", async () => {
  const cwd = temporaryFolder({
    'tasks/try.ts': 'import "./missing.ts"',
    'tasks/none.ts': 'export const a = 1',
    '.env': '',
  })
  const broken = await runTasks(['try'], { cwd })
  expect(broken).toMatchObject({ exitCode: 1, stdout: '' })
  expect(broken.stderr).toMatch(/^error: .*tasks\/try\.ts cannot be loaded: .*missing\.ts/)
  const none = await runTasks(['none'], { cwd })
  expect(none.stderr).toMatch(/^error: .*tasks\/none\.ts exports no task\nhint: end it with export default/)
})

test('outside any project a task says how to start one', async () => {
  const folder = temporaryFolder({ 'x.ts': '' })
  const file = join(project('async run() {}'), 'tasks/try.ts')
  const { exitCode, stderr } = await run(process.execPath, ['--import', tsx, file], { cwd: folder })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^error: no project here: .*\nhint: start one with tasks init/)
})

test('a task that runs anywhere gets the current folder as its root', async () => {
  const file = join(
    project('anywhere: true, async run({ root, output }) { output.data(root) }'),
    'tasks/try.ts',
  )
  const folder = temporaryFolder()
  const { exitCode, stdout } = await run(process.execPath, ['--import', tsx, file], { cwd: folder })
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: folder })
})

test('a reader that stops early is no failure', async () => {
  const cwd = project(`async run({ output }) {
    for (let i = 0; i < 20000; i++) output.data('a line of data\\n')
  }`)
  const program = `set -o pipefail; ${quoteAll([process.execPath, ...tasksWords(['try'])])} | head -1`
  expect(await run('bash', ['-c', program], { cwd })).toEqual({
    exitCode: 0,
    stdout: 'a line of data\n',
    stderr: '',
  })
})

test('Ctrl-C aborts the signal and ends with 130', async () => {
  const cwd = project(`async run({ signal, output }) {
    output.data('ready\\n')
    const stay = setInterval(() => {}, 1000)
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    clearInterval(stay)
    signal.throwIfAborted()
  }`)
  const child = spawn(process.execPath, tasksWords(['try']), { cwd })
  child.stdout.once('data', () => child.kill('SIGINT'))
  const exitCode = await new Promise((resolve) => child.on('close', resolve))
  expect(exitCode).toBe(130)
})

const tsx = fileURLToPath(import.meta.resolve('tsx'))
