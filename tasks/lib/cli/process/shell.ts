import { existsSync } from 'node:fs'
import { TaskError } from '../errors.ts'
import { redact } from '../redact.ts'
import { type ChildLimits, type Finished, runChild } from './child.ts'
import { childEnvironment } from './child-environment.ts'
import { announceCommand } from './command-log.ts'
import { installHint } from './install-hints.ts'
import { quote, quoteAll } from './quote.ts'

export interface RunOptions extends ChildLimits {
  /** Written to stdin, the one way in for a secret; without it stdin is empty. */
  input?: string | Buffer
  /** Beside PATH, HOME, LANG and the like; undefined takes one away. Never a secret. */
  env?: Record<string, string | undefined>
  cwd?: string
  /** Values that must not show up where the command is printed. */
  mask?: string[]
  /** Gives the exit code instead of throwing when it is not 0. */
  allowFailure?: boolean
}

export interface RunResult {
  stdout: string
  stderr: string
  exitCode: number
  seconds: number
}

/** Runs a program without a shell. Throws a TaskError that names the command, its exit code and its last words. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  argv.forEach((word, index) => {
    const wrong = wrongValue(word)
    if (wrong) throw new TaskError(`argument ${index} of ${commandSketch(argv)} is ${wrong}`)
  })
  if (!argv[0]) throw new TaskError('a command without a program cannot run')
  return runCommand(argv.map(String), options)
}

// A value that is missing must not become an empty word: rm -rf $UNSET/ is the classic.
function wrongValue(value: unknown): string | undefined {
  if (value === undefined || value === null) return String(value)
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : String(value)
  if (typeof value === 'string') return value.includes('\0') ? 'a text with a null byte' : undefined
  return `of type ${typeof value}`
}

function commandSketch(argv: readonly unknown[]): string {
  return argv.map((word) => (typeof word === 'string' ? quote(word) : '…')).join(' ')
}

async function runCommand(argv: readonly string[], options: RunOptions): Promise<RunResult> {
  const line = quoteAll(argv)
  const shown = redact(line, options.mask)
  options.signal?.throwIfAborted()
  announceCommand(`$ ${shown}`)
  const env = childEnvironment(options.env)
  const finished = await runChild({ line, argv, env, cwd: options.cwd, input: options.input }, options)
  options.signal?.throwIfAborted()
  const failure = failureOf(finished, { shown, program: argv[0]!, options })
  if (failure) throw failure
  const { stdout, stderr, exitCode, seconds } = finished
  return { stdout, stderr, exitCode: exitCode ?? 1, seconds }
}

interface Shown {
  shown: string
  program: string
  options: RunOptions
}

function failureOf(finished: Finished, { shown, program, options }: Shown): TaskError | undefined {
  if (finished.spawnError) return spawnFailure(finished.spawnError, { shown, program, options })
  if (finished.exitCode === 0 || (options.allowFailure && finished.exitCode !== null && !finished.stopped))
    return
  const stderr = redact(finished.stderr, options.mask).trimEnd().split('\n').slice(-10).join('\n')
  const lastWords = stderr === '' ? '' : `\n${stderr}`
  return new TaskError(`${shown} ${endText(finished, options)}${lastWords}`, {
    hint: finished.stopped === 'time' ? 'run the same command again' : `try it by hand: ${shown}`,
  })
}

function endText({ stopped, exitCode, signal }: Finished, { timeoutSeconds }: RunOptions): string {
  if (stopped === 'time') return `did not end within ${timeoutSeconds}s and was stopped`
  if (stopped === 'output') return 'wrote more than the limit and was stopped'
  return exitCode === null ? `was ended by ${signal}` : `failed with exit code ${exitCode}`
}

function spawnFailure(error: NodeJS.ErrnoException, { shown, program, options }: Shown): TaskError {
  if (error.code === 'ENOENT' && options.cwd !== undefined && !existsSync(options.cwd)) {
    return new TaskError(`${shown} cannot start: the folder ${options.cwd} is missing`)
  }
  if (error.code === 'ENOENT')
    return new TaskError(`${program} is not installed`, { hint: installHint(program) })
  const reason = error.code === 'EACCES' ? 'it may not be executed' : redact(error.message, options.mask)
  return new TaskError(`${shown} cannot start: ${reason}`, { hint: installHint(program) })
}
