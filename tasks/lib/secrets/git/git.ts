import { type ChildProcess, spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { childEnvironment } from '../../cli/process/child-environment.ts'
import { installHint } from '../../cli/process/install-hints.ts'
import { environment } from '../../config/environment.ts'

interface GitOptions {
  cwd: string
  input?: string
  /** Exit codes that are no failure. */
  allowed?: number[]
}

/** Runs git in a folder and gives its stdout. Throws a TaskError with git's own words. */
export async function git(argv: string[], options: GitOptions): Promise<string> {
  return (await gitBytes(argv, options)).toString()
}

/** The same, to the byte. */
export async function gitBytes(argv: string[], { cwd, input, allowed }: GitOptions): Promise<Buffer> {
  const child = startGit(argv, { cwd })
  child.stdin!.end(input)
  const chunks: Buffer[] = []
  child.stdout!.on('data', (chunk: Buffer) => chunks.push(chunk))
  await gitEnded(child, { argv, allowed })
  return Buffer.concat(chunks)
}

/** Starts git; `gitEnded` waits for it. */
export function startGit(argv: string[], { cwd }: { cwd: string }): ChildProcess {
  const child = spawn('git', argv, { cwd, env: childEnvironment(gitVariables(cwd)), stdio: 'pipe' })
  child.stdin.on('error', () => {})
  return child
}

/** Waits for the end of git. Throws a TaskError where it failed with none of the allowed exit codes. */
export function gitEnded(
  child: ChildProcess,
  { argv, allowed = [] }: { argv: string[]; allowed?: number[] },
): Promise<void> {
  let stderr = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    stderr += chunk
  })
  return new Promise((done, fail) => {
    child.on('error', () => fail(new TaskError('git is not installed', { hint: installHint('git') })))
    child.on('close', (code) => {
      if (code === 0 || allowed.includes(code ?? -1)) return done()
      // Outside a repository git diff knows --no-index only, and answers with its usage.
      const isOutside = /not a git repository|^usage: git diff --no-index/m.test(stderr)
      const words = isOutside ? 'not a git repository' : stderr.trim().split('\n').at(-1)
      const hint = isOutside ? 'git init, or go to the folder of your repository' : undefined
      const name = argv.find((word) => !word.startsWith('-'))
      fail(new TaskError(`git ${name}: ${words || `exit code ${code}`}`, { hint }))
    })
  })
}

// In a hook git says by variables which index is being committed; a relative one is relative to where the hook runs.
function gitVariables(cwd: string): Record<string, string | undefined> {
  const ours = Object.entries(environment()).filter(([name]) => name.startsWith('GIT_'))
  const paths = ['GIT_INDEX_FILE', 'GIT_DIR', 'GIT_WORK_TREE']
  const absolute = ours.map(([name, value]) => [
    name,
    paths.includes(name) && value ? resolve(cwd, value) : value,
  ])
  return { ...Object.fromEntries(absolute), LC_ALL: 'C.UTF-8', GIT_OPTIONAL_LOCKS: '0' }
}
