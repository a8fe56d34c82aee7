import { TaskError } from '../errors.ts'
import { createOutput } from '../output.ts'

const stopping = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** What else a program in the foreground may be told. */
const passing = [...stopping, 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const

/** How many programs in the foreground have the signals instead of us. */
let taken = 0

/** Hears every signal instead of us, until what it gives back is called: for as long as another program has the terminal. */
export function takeSignals(onSignal: (signal: NodeJS.Signals) => void): () => void {
  taken++
  for (const name of passing) process.on(name, onSignal)
  return () => {
    taken--
    for (const name of passing) process.off(name, onSignal)
  }
}

/** The exit code after Ctrl-C. */
export const interruptedExitCode = 130

/** What is thrown where work ends because of Ctrl-C. */
export function interrupted(): TaskError {
  return new TaskError('interrupted', {
    exitCode: interruptedExitCode,
    hint: 'run the same command again: it goes on from here',
  })
}

/**
 * Runs work and gives its exit code. The first Ctrl-C (or SIGTERM, or a closed terminal) aborts the signal, so that
 * what is in flight ends and nothing new starts; the second one ends the process at once.
 */
export async function withSignals(
  work: (signal: AbortSignal) => Promise<number>,
  { say = (text: string) => createOutput({}).line(text) } = {},
): Promise<number> {
  const controller = new AbortController()
  const stop = () => {
    if (taken > 0) return
    if (controller.signal.aborted) process.exit(interruptedExitCode)
    say('stopping: what is in flight is finished first; Ctrl-C again ends at once')
    controller.abort(interrupted())
  }
  for (const name of stopping) process.on(name, stop)
  try {
    return await work(controller.signal)
  } catch (error) {
    if (isAbort(error, controller.signal)) return interruptedExitCode
    throw error
  } finally {
    for (const name of stopping) process.off(name, stop)
  }
}

/** Whether somebody pressed Ctrl-C at a question: whatever else could be tried, nothing is to be tried any more. */
export function isInterruption(error: unknown): boolean {
  return error instanceof TaskError && error.exitCode === interruptedExitCode
}

/** Whether an error only says that the signal was aborted: the work ended because it was told to. */
export function isAbort(error: unknown, signal: AbortSignal): boolean {
  if (!signal.aborted) return false
  return error === signal.reason || (error instanceof Error && error.name === 'AbortError')
}
