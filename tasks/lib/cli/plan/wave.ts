import type { Change, Wave } from '../change.ts'
import { errorFindings } from '../commands/error-findings.ts'
import { isAbort } from '../commands/signals.ts'
import type { Output } from '../output.ts'
import { type Clock, secondsSince } from '../terminal/clock.ts'
import type { Journal } from './journal.ts'
import type { ChangeReport } from './report.ts'
import type { Verification } from './verify.ts'

/** A run under way. */
export interface Run {
  output: Output
  journal: Journal
  signal: AbortSignal
  now: Clock
  /** When it began, by that clock: with its plan. */
  started: number
  results: Map<Change, Pick<ChangeReport, 'result' | 'after' | 'seconds' | 'findings'>>
  /** The name of the step that a change is of. */
  stepOf: Map<Change, string>
  /** A change failed: nothing new starts. */
  failed: boolean
  /** Of a gate that did not open, or of the end. */
  verification?: Verification
  /** The one live line of a step with many changes. */
  shared?: { say(text: string): void; done(): void }
}

/** Whether nothing new may start: Ctrl-C, a failed change, a gate that did not open. */
export function mustStop({ signal, failed, verification }: Run): boolean {
  return signal.aborted || failed || verification !== undefined
}

/** Makes the changes of a wave lane by lane, as many side by side as it allows. What has begun is finished. */
export async function runWave(wave: Wave, run: Run): Promise<void> {
  const lanes = lanesOf(wave.changes)
  const waiting = lanes.values()
  const worker = async () => {
    for (const lane of waiting) {
      for (const change of lane) {
        await runChange(change, run)
        if (mustStop(run)) return
      }
    }
  }
  const workers = Math.max(1, Math.min(wave.parallel, lanes.length))
  await Promise.all(Array.from({ length: workers }, worker))
}

// A change without a lane is one of its own.
function lanesOf(changes: Change[]): Change[][] {
  const lanes = new Map<string | Change, Change[]>()
  for (const change of changes) {
    const lane = lanes.get(change.lane ?? change)
    if (lane) lane.push(change)
    else lanes.set(change.lane ?? change, [change])
  }
  return [...lanes.values()]
}

async function runChange(change: Change, run: Run): Promise<void> {
  const { target, action, title } = change
  const line = { step: run.stepOf.get(change)!, target, action, title }
  const started = run.now()
  const after = secondsSince(run.started, run.now)
  const seconds = () => secondsSince(started, run.now)
  run.journal.write({ event: 'started', ...line })
  try {
    await showing(change, run)
    run.results.set(change, { result: 'done', after, seconds: seconds() })
    run.journal.write({ event: 'done', ...line, seconds: seconds() })
  } catch (error) {
    const findings = errorFindings(error)
    const stopped = isAbort(error, run.signal)
    run.failed ||= !stopped
    run.results.set(
      change,
      stopped ? { result: 'not done' } : { result: 'failed', after, seconds: seconds(), findings },
    )
    const text = findings.map((finding) => finding.message).join('; ')
    run.journal.write({ event: 'failed', ...line, seconds: seconds(), error: text })
  }
}

async function showing(change: Change, { output, signal, shared }: Run): Promise<void> {
  if (!shared) return output.live(change.title, (say) => change.run({ say, signal }))
  shared.say(change.title)
  await change.run({ say: shared.say, signal })
  shared.done()
}
