import type { Step } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Resource } from '../resource.ts'

/** One line of the recipe that is about machines. */
export interface NodeStep {
  /** What --only takes. */
  name: string
  title: string
  work: { machine: Machine; resources: Resource[] }[]
}

export interface PlanNodesOptions {
  /** Machines worked on side by side. */
  parallel: number
  /** Machines that must not change while another of them cannot be reached: control planes, etcd. */
  quorum?: readonly string[]
  signal?: AbortSignal
}

/**
 * What differs on the machines, step by step: every machine is asked once for all steps. A machine that cannot be
 * reached is an error among the findings and a check that fails; it, and its quorum group, are left out.
 */
export async function planNodes(
  _steps: NodeStep[],
  _options: PlanNodesOptions,
): Promise<{ steps: Step[]; findings: Finding[] }> {
  throw new Error('not built yet')
}
