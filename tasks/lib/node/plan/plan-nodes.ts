import type { Change, Step } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import type { Resource } from '../resource.ts'
import { type Asked, type AskOptions, askMachines, type Work } from './ask-machines.ts'
import { type Difference, planMachine } from './machine-plan.ts'

/** One line of the recipe that is about machines. */
export interface NodeStep {
  /** What --only takes. */
  name: string
  title: string
  work: Work[]
  /** How many machines side by side, where that is fewer than for the others. */
  parallel?: number
  /** No machine waits for another one in it: see Step. */
  ownPace?: boolean
}

/**
 * What differs on the machines, step by step: every machine is asked once for all steps. A machine that cannot be
 * reached is an error among the findings and a check that fails; it, and its quorum group, are left out.
 */
export async function planNodes(
  steps: NodeStep[],
  options: AskOptions,
): Promise<{ steps: Step[]; findings: Finding[] }> {
  const asked = await askMachines(
    steps.flatMap(({ work }) => work),
    options,
  )
  const findings = [...asked.values()].flatMap((one) => ('left' in one ? [one.left] : []))
  const told = new Set<string>()
  const planned = steps.map((step) => {
    const all = step.work.map(({ machine, resources }) => differenceOf(asked.get(machine.name)!, resources))
    findings.push(...all.flatMap((one) => one.findings))
    return stepOf(step, { all, asked, told, parallel: step.parallel ?? options.parallel })
  })
  return { steps: planned, findings }
}

function differenceOf(asked: Asked, resources: Resource[]): Difference {
  return 'left' in asked ? { changes: [], unchanged: [], findings: [] } : planMachine(resources, asked)
}

interface Differences {
  all: Difference[]
  asked: Map<string, Asked>
  /** Machines whose check stands in an earlier step. */
  told: Set<string>
  parallel: number
}

function stepOf({ name, title, work, ownPace }: NodeStep, { all, asked, told, parallel }: Differences): Step {
  const changes = all.flatMap((one) => one.changes)
  const unchanged = all.flatMap((one) => one.unchanged)
  for (const { machine } of work) {
    const one = asked.get(machine.name)!
    if (!('left' in one) || told.has(machine.name)) continue
    told.add(machine.name)
    unchanged.push(one.check)
  }
  return { name, title, waves: wavesOf(changes, parallel), unchanged, ...(ownPace && { ownPace }) }
}

function wavesOf(changes: Change[], parallel: number) {
  return changes.length > 0 ? [{ changes, parallel }] : []
}
