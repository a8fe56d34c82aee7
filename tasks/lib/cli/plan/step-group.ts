import type { Step, Wave } from '../change.ts'
import { secondsSince } from '../terminal/clock.ts'
import { changesOf, numbered, unchangedIn } from './plan-counts.ts'
import type { StepReport } from './report.ts'
import { isBad, verifyAll } from './verify.ts'
import { mustStop, type Run, runWave } from './wave.ts'

/** Steps that run together: neighbours in which each lane has its own pace; all others alone. */
export function groupSteps(steps: readonly Step[]): Step[][] {
  const groups: Step[][] = []
  for (const step of steps) {
    const last = groups.at(-1)
    if (last && hasOwnPace(step) && last.every(hasOwnPace)) last.push(step)
    else groups.push([step])
  }
  return groups
}

// A step that has nothing to do keeps nobody waiting.
function hasOwnPace({ ownPace, again, waves }: Step): boolean {
  return !again && (ownPace === true || waves.length === 0)
}

/** Makes the changes of steps that run together, and opens their gates. Gives a report of each. */
export async function runGroup(
  steps: Step[],
  { waitSeconds, run }: { waitSeconds: number; run: Run },
): Promise<StepReport[]> {
  for (const step of steps) for (const change of changesOf(step)) run.stepOf.set(change, step.name)
  const busy = steps.filter(({ waves }) => waves.length > 0)
  const started = run.now()
  const waves = busy.length > 1 ? [sharedWave(busy)] : busy.flatMap((step) => step.waves)
  const title = busy.map((step) => step.title).join(', ')
  const count = waves.reduce((sum, { changes }) => sum + changes.length, 0)
  if (count > 0) run.output.heading(`${title}: ${numbered(count, 'change')}`)
  const gated = busy.some(({ transient }) => transient)
  // The names of all of them would leave no room for how far they are.
  const short = busy.length > 1 ? numbered(busy.length, 'step') : title
  await withProgress({ title: short, count, run }, () => runWaves(waves, { gated, waitSeconds, run }))
  const whole = secondsSince(started, run.now)
  return steps.map((step) => report(step, { seconds: steps.length > 1 ? ownSeconds(step, run) : whole, run }))
}

function sharedWave(steps: Step[]): Wave {
  const waves = steps.flatMap((step) => step.waves)
  return {
    changes: waves.flatMap(({ changes }) => changes),
    parallel: Math.min(...waves.map(({ parallel }) => parallel)),
  }
}

async function runWaves(
  waves: Wave[],
  { gated, waitSeconds, run }: { gated: boolean; waitSeconds: number; run: Run },
): Promise<void> {
  for (const wave of waves) {
    if (mustStop(run)) return
    await runWave(wave, run)
    if (!(wave.gate || gated) || mustStop(run)) continue
    const gate = await verifyAll(wave.changes, { ...run, waitSeconds, quiet: true })
    if (isBad(gate)) run.verification = gate
  }
}

/** Beyond this many changes, a group has one live line for all of them. */
const separateLines = 20

async function withProgress(
  { title, count, run }: { title: string; count: number; run: Run },
  work: () => Promise<void>,
): Promise<void> {
  if (count <= separateLines) return work()
  let done = 0
  await run.output.live(title, async (say) => {
    const doneText = () => `${done} of ${numbered(count, 'change')} done`
    run.shared = {
      say: (text) => say(`${doneText()}: ${text}`),
      done: () => void done++,
    }
    await work()
    say(doneText())
  })
  run.shared = undefined
}

// From the first begin to the last end: steps of a group overlap.
function ownSeconds(step: Step, { results }: Run): number {
  const times = changesOf(step).flatMap((change) => results.get(change) ?? [])
  const begins = times.map(({ after = 0 }) => after)
  const ends = times.map(({ after = 0, seconds = 0 }) => after + seconds)
  const seconds = times.length === 0 ? 0 : Math.max(...ends) - Math.min(...begins)
  return Math.round(seconds * 1000) / 1000
}

function report(step: Step, { seconds, run }: { seconds: number; run: Run }): StepReport {
  const { name, title } = step
  const changed = changesOf(step).filter((change) => run.results.get(change)?.result === 'done').length
  const rest = { title, seconds, changed, unchanged: unchangedIn(step) }
  run.journal.write({ event: 'step', step: name, ...rest })
  return { name, ...rest }
}
