import type { Step } from '../../cli/change.ts'
import { changesOf } from '../../cli/plan/plan-counts.ts'
import type { Machine } from '../machine.ts'

/** Those of the machines that steps change something on. */
export function changedMachines(steps: readonly Step[], machines: readonly Machine[]): Machine[] {
  const lanes = new Set(steps.flatMap(changesOf).map(({ lane }) => lane))
  return machines.filter(({ name }) => lanes.has(name))
}
