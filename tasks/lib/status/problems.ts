import { numbered } from '../cli/plan/plan-counts.ts'
import { controlPlaneProblems } from './control-plane.ts'
import { machineProblems } from './machines.ts'
import type { Status } from './model.ts'

/** What is not as it should be, the gravest first. Pure. */
export function problemsOf(status: Omit<Status, 'problems'>): string[] {
  const { nodes, workloads, volumes, addons, loadBalancers, lastRun } = status
  return [
    ...nodes.filter(({ state }) => state !== 'ready').map(({ name, reason }) => `Node ${name}: ${reason}`),
    ...workloads
      .filter(({ state }) => state !== 'ready')
      .sort((one, other) => Number(other.state === 'failed') - Number(one.state === 'failed'))
      .map(({ namespace, kind, name, reason }) => `${kind} ${namespace}/${name}: ${reason}`),
    ...loadBalancers
      .filter(({ addresses }) => addresses.length === 0)
      .map(({ namespace, name }) => `Service ${namespace}/${name}: no load balancer address`),
    ...volumes.pendingClaims.map(
      ({ namespace, name, reason }) => `PersistentVolumeClaim ${namespace}/${name}: ${reason}`,
    ),
    ...volumes.failed.map((name) => `PersistentVolume ${name}: failed`),
    ...released(volumes.released),
    ...controlPlaneProblems(status),
    ...machineProblems(status),
    ...addons.flatMap(addonProblem),
    ...(lastRun && lastRun.outcome !== 'done'
      ? [`the last run (${lastRun.task}) ${outcomeText(lastRun)}`]
      : []),
  ]
}

// Pools have hundreds of them: one line tells what to look at.
function released(names: string[]): string[] {
  if (names.length === 0) return []
  const shown = names.slice(0, 3).join(', ')
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return [`${numbered(names.length, 'PersistentVolume')} released, the claim is gone: ${shown}${more}`]
}

function addonProblem({ name, state, running, configured }: Status['addons'][number]): string[] {
  if (state === 'not installed') return [`add-on ${name}: not installed`]
  if (state === 'left over') return [`add-on ${name}: switched off but still there`]
  if (state === 'installed' && running !== configured)
    return [`add-on ${name}: ${running ?? 'nothing'} runs, the configuration says ${configured}`]
  return []
}

function outcomeText({ outcome, stoppedAt }: NonNullable<Status['lastRun']>): string {
  const word = outcome === 'failed' ? 'failed' : 'was interrupted'
  return stoppedAt ? `${word} at ${stoppedAt}` : word
}
