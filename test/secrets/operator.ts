import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { quoteAll } from '../../tasks/lib/cli/process/quote.ts'
import { type Ran, type RunOptions, runTasks, tasksWords, temporaryFolder } from '../support/cli.ts'
import { noKeys, sopsOutput } from '../support/sops.ts'

/** Somebody with an empty home folder and a new project. */
export interface Operator {
  home: string
  project: string
  env: Record<string, string>
  /** sops' own place for identities. */
  keysFile: string
  tasks(args: string[], options?: Pick<RunOptions, 'input' | 'env'>): Promise<Ran>
  /** The same on a terminal, where somebody types an answer as soon as its question stands. */
  types(args: string[], answers: [question: string, answer: string][]): Promise<Ran>
  /** The exit code with a stdin that stays open and has nothing. */
  silent(args: string[]): Promise<number | null>
  read(path: string): string
  has(path: string): boolean
  /** What the real sops makes of a file. */
  sops(path: string): Promise<string>
  /** Every file of the project and the home folder, by path. */
  files(): string[]
}

export function operator(files: Record<string, string> = {}): Operator {
  const home = temporaryFolder()
  const project = temporaryFolder({ '.env': '', ...files })
  const env = {
    ...noKeys,
    HOME: home,
    GNUPGHOME: join(home, '.gnupg'),
    XDG_CONFIG_HOME: join(home, '.config'),
  }
  return {
    home,
    project,
    env,
    keysFile: join(home, '.config/sops/age/keys.txt'),
    tasks: (args, options = {}) =>
      runTasks(args, { cwd: project, ...options, env: { ...env, ...options.env } }),
    types: (args, answers) => typed(args, { cwd: project, env, answers }),
    silent: (args) =>
      new Promise((resolve) => {
        const child = spawn(process.execPath, tasksWords(args), { cwd: project, env })
        child.on('close', resolve)
      }),
    read: (path) => readFileSync(join(project, path), 'utf8'),
    has: (path) => existsSync(join(project, path)),
    sops: async (path) => (await sopsOutput(['decrypt', path], { cwd: project, env })).toString(),
    files: () =>
      [home, project].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' })),
  }
}

function typed(
  args: string[],
  { cwd, env, answers }: { cwd: string; env: Record<string, string>; answers: [string, string][] },
): Promise<Ran> {
  const program = [process.execPath, ...tasksWords(args)]
  const child = spawn('script', ['-qefc', `exec ${quoteAll(program)}`, '/dev/null'], {
    cwd,
    env: { ...env, NO_COLOR: '1', TERM: 'xterm', SHELL: '/bin/sh' },
  })
  const ran: Ran = { exitCode: null, stdout: '', stderr: '' }
  let read = 0
  child.stdout.setEncoding('utf8').on('data', (text) => {
    ran.stdout += text
    const [question, answer] = answers[0] ?? []
    const at = question === undefined ? -1 : ran.stdout.indexOf(question, read)
    if (at < 0) return
    read = at + question!.length
    answers.shift()
    child.stdin.write(answer === '^C' ? '\x03' : `${answer}\r`)
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (exitCode) => {
      child.stdin.destroy()
      resolve({ ...ran, exitCode, stdout: ran.stdout.replace(/\x1b\[[\d;]*[A-Za-z]|\r/g, '') })
    })
  })
}
