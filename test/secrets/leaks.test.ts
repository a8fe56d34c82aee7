import { spawn } from 'node:child_process'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { tasksWords, temporaryFolder } from '../support/cli.ts'
import { noKeys } from '../support/sops.ts'
import { seeded } from './mutants.ts'
import { type Operator, operator } from './operator.ts'
import { filesWith, formsOf, type Watched, watch } from './watcher.ts'

const first = 'first-marker é+/?&" of 7QxW2'
const second = 'second-marker ü-_=%\\ of 9RkP4'
const secrets = [first, second]
const memory = '/dev/shm'
const minutes = 60_000

function tasks(
  who: Operator,
  args: string[],
  { input, asked, env }: { input?: string; asked?: string; env?: Record<string, string> } = {},
) {
  return watch([process.execPath, ...tasksWords(args)], {
    cwd: who.project,
    env: { ...who.env, ...env },
    secrets,
    input,
    asked,
  })
}

/** Nothing was seen, something was watched, and people were told nothing. */
function expectSilence({ leaks, stderr, starts, writes }: Watched, who: Operator): void {
  expect(leaks).toEqual([])
  expect(starts).toBeGreaterThan(0)
  expect(writes).toBeGreaterThan(0)
  expect(
    secrets.flatMap(formsOf).filter((form) => Buffer.from(stderr).toString('latin1').includes(form)),
  ).toEqual([])
  expect(filesWith(secrets, [who.home, who.project])).toEqual([])
  expect(leftInMemory()).toEqual([])
}

function leftInMemory(): string[] {
  return filesWith(
    secrets,
    readdirSync(memory)
      .filter((name) => name.startsWith('tasks-'))
      .map((name) => join(memory, name)),
  )
}

/** An editor that puts the second secret where the first was, and says that it runs. */
function editor(seconds = 0): { command: string; started: string } {
  const folder = temporaryFolder({ 'new.txt': second })
  const started = join(folder, 'started')
  const script = join(folder, 'editor.mjs')
  writeFileSync(
    script,
    `import { readFileSync, writeFileSync } from 'node:fs'
const file = process.argv.at(-1)
const text = readFileSync(file, 'utf8').replace(/^( *password:).*$/m, (_, key) => key + ' ' + JSON.stringify(readFileSync(${JSON.stringify(join(folder, 'new.txt'))}, 'utf8')))
writeFileSync(file, text)
writeFileSync(${JSON.stringify(started)}, '')
setTimeout(() => {}, ${seconds * 1000})
`,
  )
  return { command: `${process.execPath} ${script}`, started }
}

/** Somebody with a secret, and what one run took: any other takes about as long. */
async function withSecret(): Promise<{ who: Operator; milliseconds: number }> {
  const who = operator()
  const began = performance.now()
  const { exitCode, stderr } = await who.tasks(['secrets:new', 'db', '--value', 'password'], { input: first })
  expect(exitCode, stderr).toBe(0)
  return { who, milliseconds: performance.now() - began }
}

describe('a secret is never in an argument, an environment or a file on a disk', () => {
  test(
    'while it is made, set, read, listed, rotated and put into a program',
    async () => {
      const who = operator()
      const made = await tasks(who, ['secrets:new', 'db', '--value', 'password'], { input: first })
      expect(made.exitCode, made.stderr).toBe(0)
      expectSilence(made, who)

      const set = await tasks(who, ['secrets:set', 'db', 'password'], { input: second })
      expect(set.exitCode, set.stderr).toBe(0)
      expectSilence(set, who)

      const got = await tasks(who, ['secrets:get', 'db', 'password'])
      expect(got.stdout.trimEnd()).toBe(second)
      expectSilence(got, who)

      const more = [
        ['list', '--check', '--verbose'],
        ['doctor', 'db', '--verbose'],
        ['rotate', '--yes', '--verbose'],
        ['decrypt', 'secrets/db.yaml'],
      ]
      for (const [name, ...args] of more) {
        const ran = await tasks(who, [`secrets:${name}`, ...args])
        expect(ran.exitCode, ran.stderr).toBe(0)
        expectSilence(ran, who)
      }
    },
    5 * minutes,
  )

  test(
    'but in that of the program that is asked for',
    async () => {
      const { who } = await withSecret()
      writeFileSync(join(who.project, 'asked.sh'), '[ -n "$password" ] && exit 7\n')
      const command = ['secrets:exec', 'db', '--', '/bin/sh', 'asked.sh']
      const ran = await tasks(who, command, { asked: 'asked.sh' })
      expect(ran.exitCode, ran.stderr).toBe(7)
      expectSilence(ran, who)
      expect((await tasks(who, command)).leaks).toHaveLength(1)
    },
    3 * minutes,
  )

  test(
    'while it is edited, but in a folder in memory',
    async () => {
      const { who } = await withSecret()
      const edited = await tasks(who, ['secrets:edit', 'db'], { env: { SOPS_EDITOR: editor().command } })
      expect(edited.exitCode, edited.stderr).toBe(0)
      expectSilence(edited, who)
      expect((await who.tasks(['secrets:get', 'db', 'password'])).stdout.trimEnd()).toBe(second)
    },
    3 * minutes,
  )

  test(
    'when applying ends because there is no cluster',
    async () => {
      const { who } = await withSecret()
      const config = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'a', user: { token: 'x' } }],
      }
      writeFileSync(join(who.project, 'kubeconfig'), JSON.stringify(config))
      writeFileSync(join(who.project, '.env'), 'K8S_NODES=kube1\nK8S_KUBECONFIG=kubeconfig\n')
      const applied = await tasks(who, ['secrets:apply', '--yes', '--verbose'])
      expect(applied.exitCode).toBe(1)
      expectSilence(applied, who)
    },
    3 * minutes,
  )
})

describe('nothing of a secret is left when a run is ended', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'by %s while the editor is open',
    async (signal) => {
      const { who } = await withSecret()
      const { command, started } = editor(60)
      const child = start(who, ['secrets:edit', 'db'], { SOPS_EDITOR: command })
      while (!existsSync(started)) await wait(20)
      expect(leftInMemory()).toHaveLength(1)
      child.kill(signal)
      await child.ended
      expect(leftInMemory()).toEqual([])
      expect(filesWith(secrets, [who.home, who.project])).toEqual([])
    },
    3 * minutes,
  )

  test(
    'outright: the next run takes away what was in memory',
    async () => {
      const { who } = await withSecret()
      const { command, started } = editor(1)
      const child = start(who, ['secrets:edit', 'db'], { SOPS_EDITOR: command })
      while (!existsSync(started)) await wait(20)
      child.kill('SIGKILL')
      await child.ended
      expect(filesWith(secrets, [who.home, who.project])).toEqual([])
      await who.tasks(['secrets:edit', 'db'], { env: { SOPS_EDITOR: 'true' } })
      expect(leftInMemory()).toEqual([])
      expect((await who.tasks(['secrets:get', 'db', 'password'])).stdout.trimEnd()).toBe(first)
    },
    3 * minutes,
  )

  test(
    'outright at any moment: the file is what it was or what it was to be',
    async () => {
      const { who, milliseconds } = await withSecret()
      const random = seeded(4)
      for (let times = 0; times < 8; times++) {
        const child = start(who, ['secrets:set', 'db', 'password'], {}, second)
        await wait(random() * 1.5 * milliseconds)
        child.kill('SIGKILL')
        await child.ended
        expect(filesWith(secrets, [who.home, who.project])).toEqual([])
      }
      const { stdout } = await who.tasks(['secrets:get', 'db', 'password'])
      expect(secrets).toContain(stdout.trimEnd())
    },
    3 * minutes,
  )
})

test.each([
  ['made', ['secrets:new', 'other', '--value', 'password'], second],
  ['rotated', ['secrets:rotate', '--yes'], ''],
  ['put into a program', ['secrets:exec', 'db', '--', '/bin/sleep', '5'], ''],
])(
  'nothing is left on a disk when a run is ended outright while a secret is %s',
  async (_, command, input) => {
    const { who, milliseconds } = await withSecret()
    const random = seeded(7)
    for (let times = 0; times < 4; times++) {
      const child = start(who, command, {}, input)
      await wait(random() * 1.5 * milliseconds)
      child.kill('SIGKILL')
      await child.ended
      expect(filesWith(secrets, [who.home, who.project])).toEqual([])
      expect(leftInMemory()).toEqual([])
    }
    expect((await who.tasks(['secrets:get', 'db', 'password'])).stdout.trimEnd()).toBe(first)
  },
  3 * minutes,
)

describe('the watcher sees what it is to see', () => {
  const leaks: [string, string][] = [
    ['an argument', '/bin/echo "$(cat)"'],
    ['an environment', 'X="$(cat)" /bin/true'],
    ['a file', 'cat > file'],
    ['a file in base64', 'base64 -w0 > file'],
    ['a file in hexadecimal', 'od -An -tx1 -v | tr -d " \\n" > file'],
    ['a temporary file that is gone again', 'cat > file; rm file'],
    ['the name of a file', ': > file; read -r name; mv file "x$name"'],
  ]

  test.each(leaks)('%s', async (_, script) => {
    const secret = 'third-marker of 3TzN8'
    const cwd = temporaryFolder()
    const env = { PATH: noKeys.PATH! }
    const seen = await watch(['/bin/sh', '-c', script], { cwd, env, secrets: [secret], input: `${secret}\n` })
    expect(seen.leaks.length).toBeGreaterThan(0)
    const other = await watch(['/bin/sh', '-c', script], { cwd, env, secrets: [secret], input: 'other\n' })
    expect(other.leaks).toEqual([])
  })
})

function start(who: Operator, args: string[], env: Record<string, string>, input = '') {
  const child = spawn(process.execPath, tasksWords(args), {
    cwd: who.project,
    env: { ...who.env, ...env },
  })
  child.stdin.on('error', () => {}).end(input)
  const ended = new Promise((resolve) => child.on('exit', resolve))
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended }
}
