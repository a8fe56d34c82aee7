import { setTimeout as sleep } from 'node:timers/promises'
import type { Change, Check } from '../change.ts'
import { errorFindings } from '../commands/error-findings.ts'
import { isAbort } from '../commands/signals.ts'
import { type Finding, TaskError } from '../errors.ts'
import type { Output } from '../output.ts'
import { type Clock, durationText, secondsSince } from '../terminal/clock.ts'
import { lazyLine } from '../terminal/lazy-line.ts'
import { numbered } from './plan-counts.ts'

export interface VerifyOptions {
  output: Output
  signal: AbortSignal
  /** For all of them together. */
  waitSeconds: number
  now: Clock
  /** Says only what is waited for: between two waves. */
  quiet?: boolean
}

/** How a verification went. Every check was given its chance: all that is wrong is in findings. */
export interface Verification {
  ready: number
  simulated: number
  failed: number
  findings: Finding[]
  /** Stopped by Ctrl-C before all were asked. */
  interrupted: boolean
  seconds: number
}

/** Whether something does not hold, or was not asked to the end. */
export function isBad({ failed, interrupted }: Verification): boolean {
  return failed > 0 || interrupted
}

/** Waits until every check holds, all of them at once, saying what is waited for. */
export async function verifyAll(checks: Check[], options: VerifyOptions): Promise<Verification> {
  const { output, now, signal, quiet } = options
  const started = now()
  const limit = timeLimit(options)
  const all: Verification = {
    ready: 0,
    simulated: 0,
    failed: 0,
    findings: [],
    interrupted: false,
    seconds: 0,
  }
  const verifyEach = async (say: (text: string) => void) => {
    const verifyOne = async (check: Check) => {
      count(all, { check, error: await verifyWithin(check, { ...options, limit }), signal })
      if (output.interactive) say(countText(all, checks.length))
    }
    await Promise.all(checks.map(verifyOne))
    say(countText(all, checks.length))
  }
  if (!quiet) output.heading(`Verify ${numbered(checks.length, 'object')}`)
  await (quiet ? verifyEach(() => {}) : output.live(countText(all, checks.length), verifyEach))
  limit.clear()
  return { ...all, seconds: secondsSince(started, now) }
}

interface Limit {
  signal: AbortSignal
  /** Rejects with the reason as soon as the signal is aborted. */
  reached: Promise<never>
  clear(): void
}

const timeIsUp = 'time is up'

function timeLimit({ signal, waitSeconds }: VerifyOptions): Limit {
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(new Error(timeIsUp)), waitSeconds * 1000)
  const either = AbortSignal.any([signal, controller.signal])
  const reached = new Promise<never>((_, reject) => {
    if (either.aborted) reject(either.reason)
    either.addEventListener('abort', () => reject(either.reason), { once: true })
  })
  // Whoever races against it hears of it; alone it is no error.
  reached.catch(() => {})
  return { signal: either, reached, clear: () => clearTimeout(timer) }
}

// Gives the error instead of throwing, so that one check does not end the others.
async function verifyWithin(
  check: Check,
  { output, limit, waitSeconds, signal }: VerifyOptions & { limit: Limit },
): Promise<unknown> {
  let waitsFor = ''
  const line = lazyLine(output)
  const say = (text: string) => {
    waitsFor = text
    line.say(text)
  }
  const work = check.verify({ say, signal: limit.signal })
  work.catch(() => {})
  try {
    await Promise.race([work, limit.reached])
    await line.end(`${check.target}: ${endWord(check)}`)
    return undefined
  } catch (error) {
    if (isAbort(error, signal)) await line.end(`${check.target}: no longer waited for`)
    else await line.fail()
    if (signal.aborted || !limit.signal.aborted) return error
    return (await lastWord(work)) ?? lateError(check, { waitsFor, waitSeconds })
  }
}

/** What a check knows about the cause takes a moment to gather once time is up: pods, events, the last lines of a log. */
const lastWordMilliseconds = 6000

async function lastWord(work: Promise<void>): Promise<TaskError | undefined> {
  const told = work.then(
    () => undefined,
    (error: unknown) => (error instanceof TaskError ? error : undefined),
  )
  const silence = new AbortController()
  const wait = sleep(lastWordMilliseconds, undefined, { signal: silence.signal }).catch(() => undefined)
  const error = await Promise.race([told, wait])
  silence.abort()
  return error
}

function endWord(check: Check & Partial<Change>): string {
  if (check.action === 'delete') return 'gone'
  return check.simulated ? 'simulated' : 'ready'
}

function lateError({ target }: Check, { waitsFor, waitSeconds }: { waitsFor: string; waitSeconds: number }) {
  const reason = waitsFor === '' ? '' : `: ${waitsFor}`
  return new TaskError(`${target} is not ready after ${durationText(waitSeconds)}${reason}`, {
    hint: 'run the same command again to go on waiting, or look at it with tasks status',
  })
}

function count(
  all: Verification,
  { check, error, signal }: { check: Check; error: unknown; signal: AbortSignal },
): void {
  if (error === undefined) {
    all.ready++
    if (check.simulated) all.simulated++
  } else if (isAbort(error, signal)) all.interrupted = true
  else {
    all.failed++
    all.findings.push(...errorFindings(error))
  }
}

/** "160 of 160 ready, 35 of them simulated" */
function countText({ ready, simulated, failed }: Verification, total: number): string {
  const parts = [`${ready} of ${total} ready`]
  if (simulated > 0) parts.push(`${simulated} of them simulated`)
  if (failed > 0) parts.push(`${failed} not`)
  return parts.join(', ')
}
