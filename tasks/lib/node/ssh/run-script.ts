import { TaskError } from '../../cli/errors.ts'
import { announceCommand } from '../../cli/process/command-log.ts'
import { redact } from '../../cli/redact.ts'
import type { ScriptOptions, ScriptResult } from '../machine.ts'
import { type Stop, stopper } from './end-script.ts'
import { lastWords } from './failures.ts'
import { frameScript, newMark, unframe } from './frame.ts'
import { openInput } from './input.ts'
import { type Attempt, cutOff, type Session, sessionWords, withSession } from './session.ts'

/** Runs a script as root and gives its answer, as Machine.run tells. */
export async function runScript(
  script: string,
  { session, options }: { session: Session; options: ScriptOptions },
): Promise<ScriptResult> {
  const { label } = session.connection.host
  const title = scriptTitle(script, options.title)
  announceCommand(`${label}: ${redact(title)}`)
  const { signal } = options
  const result = await withSession(session, {
    signal,
    title,
    attempt: () => attemptScript(script, { session, options }),
  })
  if (result.stopped === 'signal') signal?.throwIfAborted()
  if (result.stopped === 'time') throw tooLong(`${label}: ${title}`, options)
  if (result.exitCode === null) throw cutOff(session, title)
  const { stdout, stderr, exitCode, beganAt } = result
  if (exitCode === 0 || options.allowFailure) return { stdout, stderr, exitCode, beganAt }
  throw scriptFailure({ stdout, stderr, exitCode }, { label, title })
}

/** What people are told of a script: its title, or its first line. */
export function scriptTitle(script: string, title?: string): string {
  if (title) return title
  const [first = '', ...more] = script.trim().split('\n')
  return more.length === 0 ? first : `${first} …`
}

interface Answer extends Attempt, ScriptResultParts {
  stopped?: Stop
}
type ScriptResultParts = Omit<ScriptResult, 'exitCode'>

// exitCode is the script's own once it began; null where its end did not come.
async function attemptScript(
  script: string,
  { session, options }: { session: Session; options: ScriptOptions },
): Promise<Answer> {
  const mark = newMark()
  const { client, password } = session
  const { command, head } = frameScript(script, { mark, password })
  const input = openInput(head, options.input)
  const stop = stopper(session, { mark, ...options })
  try {
    const limits = { signal: input.signal, onOutput: stop.hear }
    const running = client.run(sessionWords(session, command), { input: input.content, ...limits })
    // The shared connection keeps the client's pipes open for as long as the script runs there.
    const finished = await Promise.race([running, stop.gaveUp])
    if (!finished) throw cutOff(session, options.title)
    input.throwIfBroken()
    const answer = unframe(finished, mark)
    const exitCode = answer.started ? (answer.exitCode ?? null) : finished.exitCode
    if (finished.stopped === 'output') throw tooMuch(session, options.title)
    return { ...answer, exitCode, stopped: stop.reason(), beganAt: stop.beganAt() }
  } finally {
    input.close()
    stop.done()
  }
}

function tooLong(what: string, { timeoutSeconds }: ScriptOptions): TaskError {
  return new TaskError(`${what} did not end within ${timeoutSeconds}s and was stopped there`, {
    hint: 'run the same command again',
  })
}

function tooMuch({ connection }: Session, title = 'a script'): TaskError {
  return new TaskError(`${connection.host.label}: ${title} wrote more than 64 MiB and was stopped`)
}

function scriptFailure(
  { stderr, exitCode }: ScriptResult,
  { label, title }: { label: string; title: string },
): TaskError {
  const words = lastWords(stderr)
  const hint = /No space left on device/.test(stderr)
    ? `make room there: ssh ${label} df -h`
    : /Read-only file system/.test(stderr)
      ? `see why its file system is read-only: ssh ${label} dmesg | tail`
      : `mend it there, then run the same command again`
  const text = `${label}: ${title} failed with exit code ${exitCode}`
  return new TaskError(words === '' ? text : `${text}\n${words}`, { hint })
}
