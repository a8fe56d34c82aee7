import type { Check, Plan, Step } from '../change.ts'
import { TaskError, UsageError } from '../errors.ts'
import type { Output } from '../output.ts'
import { didYouMean } from '../suggest.ts'
import { type Clock, secondsSince, systemClock } from '../terminal/clock.ts'
import { holding } from './hold.ts'
import { type Journal, noJournal, type Outcome } from './journal.ts'
import { allChanges, changesOf } from './plan-counts.ts'
import type { ChangeReport, Report, StepReport } from './report.ts'
import { groupSteps, runGroup } from './step-group.ts'
import { isBad, verifyAll } from './verify.ts'
import { mustStop, type Run } from './wave.ts'

export interface ExecuteOptions {
  output: Output
  journal?: Journal
  /** Aborted: nothing new starts, what is in flight ends. */
  signal: AbortSignal
  now?: Clock
  /** What computing the plan took: part of the run's time. */
  planSeconds?: number
}

const defaultWaitSeconds = 300

/** Makes the changes of a plan, step by step and wave by wave, and verifies all of it at the end. Never asks. */
export async function execute(plan: Plan, options: ExecuteOptions): Promise<Report> {
  const { output, journal = noJournal, signal, now = systemClock, planSeconds = 0 } = options
  const started = now() - planSeconds * 1000
  const maps = { results: new Map(), stepOf: new Map() }
  const run: Run = { output, journal, signal, now, started, failed: false, ...maps }
  const done = { ...plan, steps: [...plan.steps] }
  const steps = await makeSteps(done, run).catch((error: unknown) => {
    journal.write({ event: 'end', outcome: 'failed', seconds: secondsSince(started, now) })
    throw error
  })
  const outcome = outcomeOf(run)
  const seconds = secondsSince(started, now)
  journal.write({ event: 'end', outcome, seconds })
  const changes = changeReports(done, run)
  const { verification } = run
  return { target: plan.target, outcome, seconds, planSeconds, changes, steps, verification }
}

async function makeSteps(plan: Plan, run: Run): Promise<StepReport[]> {
  const { output, signal } = run
  const work = async () => {
    const steps: StepReport[] = []
    for (const planned of groupSteps(plan.steps)) {
      if (mustStop(run)) break
      const group = await Promise.all(planned.map((step) => plannedAgain(step, run)))
      plan.steps.splice(steps.length, group.length, ...group)
      steps.push(...(await runGroup(group, { waitSeconds: plan.waitSeconds || defaultWaitSeconds, run })))
    }
    if (!mustStop(run) && plan.waitSeconds !== 0) await verifyPlan(plan, run)
    return steps
  }
  if (allChanges(plan).length === 0) return work()
  return holding(plan, { output, signal, work })
}

/** A plan with only the steps that --only names, in the plan's order; a name that no step has is a UsageError. */
export function filterSteps(plan: Plan, only: string[]): Plan {
  if (only.length === 0) return plan
  const names = plan.steps.map((step) => step.name)
  const findings = only
    .filter((name) => !names.includes(name))
    .map((name) => ({
      severity: 'error' as const,
      message: `--only ${name}: there is no such step`,
      hint: didYouMean(name, names) ?? `the steps are ${names.join(', ')}`,
    }))
  if (findings.length > 0) throw new UsageError(findings[0]!.message, { findings })
  return { ...plan, steps: plan.steps.filter((step) => only.includes(step.name)) }
}

async function plannedAgain(planned: Step, { output, signal }: Run): Promise<Step> {
  if (!planned.again) return planned
  const { step, findings } = await planned.again({ say: output.verbose, signal })
  output.findings(findings)
  const blocked = changesOf(step).flatMap((change) => change.blocked ?? [])
  if (blocked.length > 0) throw new TaskError(blocked[0]!.message, { findings: blocked })
  return step
}

async function verifyPlan(plan: Plan, run: Run): Promise<void> {
  const lasting = plan.steps.filter(({ transient }) => !transient)
  const checks: Check[] = lasting.flatMap((step) => [...changesOf(step), ...step.unchanged])
  if (checks.length === 0) return
  run.verification = await verifyAll(checks, { ...run, waitSeconds: plan.waitSeconds ?? defaultWaitSeconds })
  const { seconds, ready } = run.verification
  run.journal.write({ event: 'step', step: 'verify', title: 'verify', seconds, changed: 0, unchanged: ready })
}

function outcomeOf(run: Run): Outcome {
  if (run.signal.aborted) return 'interrupted'
  return run.failed || (run.verification && isBad(run.verification)) ? 'failed' : 'done'
}

function changeReports(plan: Plan, { results }: Run): ChangeReport[] {
  return plan.steps.flatMap((step) =>
    changesOf(step).map((change) => {
      const { target, action, title, simulated } = change
      return {
        step: step.name,
        target,
        action,
        title,
        simulated,
        ...(results.get(change) ?? { result: 'not done' }),
      }
    }),
  )
}
