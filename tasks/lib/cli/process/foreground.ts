import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { takeSignals } from '../commands/signals.ts'
import { TaskError } from '../errors.ts'
import { installHint } from './install-hints.ts'

export interface ForegroundOptions {
  env: Record<string, string>
  cwd?: string
  /** Open files that it gets besides stdin, stdout and stderr: the first is 3. */
  descriptors?: number[]
  /** From a signal that came to us to SIGKILL; it may take its time unless given. */
  killAfterSeconds?: number
}

/** How a program in the foreground ended: its exit code, 128 and the number of the signal that ended it. */
export interface ForegroundEnd {
  exitCode: number
  signal?: NodeJS.Signals
  /** A signal that came to us meanwhile, and was passed on. */
  told?: NodeJS.Signals
}

/**
 * Runs a program that has the terminal to itself, and waits for its end. Signals go to it, not to us; Ctrl-C reaches it
 * by the terminal. Throws a TaskError where it cannot start.
 */
export function runForeground(
  [program, ...words]: readonly string[],
  { env, cwd, descriptors = [], killAfterSeconds }: ForegroundOptions,
): Promise<ForegroundEnd> {
  return new Promise<ForegroundEnd>((resolve, reject) => {
    let told: NodeJS.Signals | undefined
    let timer: NodeJS.Timeout | undefined
    // Before the program starts: it may have us told something at once.
    const release = takeSignals((signal) => {
      if (isOfTerminal(signal)) return
      told ??= signal
      child.kill(signal)
      if (killAfterSeconds) timer ??= setTimeout(() => child.kill('SIGKILL'), killAfterSeconds * 1000)
    })
    const child = spawn(program!, words, {
      env,
      cwd,
      stdio: ['inherit', 'inherit', 'inherit', ...descriptors],
    })
    const giveBack = () => {
      clearTimeout(timer)
      release()
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      giveBack()
      reject(cannotStart(program!, error))
    })
    child.once('close', (code, signal) => {
      giveBack()
      const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0)
      resolve({ exitCode, ...(signal && { signal }), ...(told && { told }) })
    })
  })
}

// The terminal gives Ctrl-C to all programs in the foreground: a second one would count twice.
function isOfTerminal(signal: NodeJS.Signals): boolean {
  return (signal === 'SIGINT' || signal === 'SIGQUIT') && process.stdin.isTTY === true
}

function cannotStart(program: string, error: NodeJS.ErrnoException): TaskError {
  if (error.code === 'ENOENT')
    return new TaskError(`${program} is not installed`, { hint: installHint(program) })
  const reason = error.code === 'EACCES' ? 'it may not be executed' : error.message
  return new TaskError(`${program} cannot start: ${reason}`, { cause: error })
}
