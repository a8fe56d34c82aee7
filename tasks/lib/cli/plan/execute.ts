import type { Plan } from '../change.ts'
import { interruptedExitCode } from '../commands/signals.ts'
import { UsageError } from '../errors.ts'
import { quoteAll } from '../process/quote.ts'
import type { Context, Task } from '../task.ts'
import { secondsSince, systemClock } from '../terminal/clock.ts'
import { askName, confirm } from '../terminal/prompts.ts'
import { openJournal } from './journal.ts'
import { goingOnText, lastRun } from './last-run.ts'
import { allChanges, isAllUnknown, numbered, unknownTargets } from './plan-counts.ts'
import { planJson } from './plan-json.ts'
import { planText } from './plan-text.ts'
import { printReport, type Report, reportJson } from './report.ts'
import { execute, filterSteps } from './steps.ts'

/** Runs a task that has a plan: compute, show, ask, make the changes, verify, report. Gives the exit code. */
export async function runPlan(task: Task, context: Context): Promise<number> {
  const { output, options, signal } = context
  const started = systemClock()
  const plan = await makePlan(task, context)
  const planSeconds = secondsSince(started, systemClock)
  signal.throwIfAborted()
  output.findings(plan.findings)
  if (options.dryRun) return showDryRun(plan, context)
  if (isAllUnknown(plan)) return refuseUnknown(plan, context)
  output.line(planText(plan, { detail: options.verbose ? 'full' : 'compact', colours: output.interactive }))
  const changes = allChanges(plan)
  if (changes.some((change) => change.blocked)) return refuse(plan, context)
  if (changes.length > 0 && !(await mayApply(plan, { task, context }))) {
    output.line('nothing was changed')
    return 1
  }
  return report(await record(plan, { context, planSeconds }), { plan, context })
}

async function makePlan(task: Task, context: Context): Promise<Plan> {
  const work = () => task.plan!(context as Parameters<NonNullable<Task['plan']>>[0])
  const plan = await context.output.live('compare what is with what is wanted', work)
  return filterSteps(plan, context.options.only)
}

// A dry run's result is the plan itself: data.
function showDryRun(plan: Plan, { output, options }: Context): number {
  if (options.json) output.json(planJson(plan))
  else output.data(planText(plan, { detail: 'full', colours: output.dataColours }))
  // A plan that does not know everything is no success, though there is nothing to refuse.
  return unknownTargets(plan).length > 0 ? 1 : 0
}

function refuse(plan: Plan, { output, options }: Context): number {
  const blocked = allChanges(plan).filter((change) => change.blocked).length
  if (options.json) output.json({ ...planJson(plan), outcome: 'blocked' })
  output.line(`nothing was changed: ${numbered(blocked, 'change')} cannot be made, see above`)
  return 1
}

// No machine answered: what is wrong has been said, and there is nothing to go on with.
function refuseUnknown(plan: Plan, { output, options }: Context): number {
  if (options.json) output.json({ ...planJson(plan), outcome: 'failed' })
  output.line(`nothing was changed: nothing is known of ${unknownTargets(plan).join(', ')}`)
  return 1
}

async function mayApply(plan: Plan, { task, context }: { task: Task; context: Context }): Promise<boolean> {
  const { output, options, root, name } = context
  if (!options.verbose) output.line(`every line of it: ${commandLine(context)} --dry-run`)
  const goingOn = goingOnText(lastRun(root, { task: name, target: plan.target }))
  if (goingOn) output.line(goingOn)
  const named = task.confirmName?.(context as Parameters<NonNullable<Task['confirmName']>>[0])
  if (named !== undefined) return isNamed(named, options.confirm)
  if (options.yes || plan.ask === false) return true
  const count = numbered(allChanges(plan).length, 'change')
  return confirm(`apply ${count} to ${plan.target}?`, { option: '--yes' })
}

async function isNamed(name: string, given: string | undefined): Promise<true> {
  if (given === undefined) await askName(name, { question: `this destroys data; type ${name} to go on:` })
  else if (given !== name) {
    throw new UsageError(`--confirm says ${given}, but this is about ${name}: nothing was changed`, {
      hint: `--confirm ${name}`,
    })
  }
  return true
}

async function record(
  plan: Plan,
  { context, planSeconds }: { context: Context; planSeconds: number },
): Promise<Report> {
  const { name, argv, root, output, signal } = context
  const now = systemClock
  const journal = openJournal(root, {
    run: { task: name, plan, argv },
    now,
    warn: (finding) => output.findings([finding]),
  })
  journal.write({
    event: 'step',
    step: 'plan',
    title: 'plan',
    seconds: planSeconds,
    changed: 0,
    unchanged: 0,
  })
  try {
    return await execute(plan, { output, journal, signal, now, planSeconds })
  } finally {
    journal.close()
  }
}

function report(done: Report, { plan, context }: { plan: Plan; context: Context }): number {
  const { output, options } = context
  printReport(done, { output, again: commandLine(context) })
  if (done.outcome === 'done') output.next(plan.next ?? 'tasks status')
  if (options.json) output.json(reportJson(done))
  return { done: 0, failed: 1, interrupted: interruptedExitCode }[done.outcome]
}

function commandLine({ name, argv }: Context): string {
  return quoteAll(['tasks', name, ...argv])
}
