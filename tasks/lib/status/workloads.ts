import type { Observed, Readiness } from '../api/objects/observed.ts'
import { readiness } from '../api/wait/readiness.ts'
import type { Lists } from './lists.ts'
import type { State, WorkloadStatus } from './model.ts'
import { podProblem, seenSeconds } from './pod-problem.ts'

/** Every workload that no other one owns, judged at this moment by the rules by which a run waits. */
export function workloadStatuses(lists: Lists, { simulated }: { simulated: boolean }): WorkloadStatus[] {
  const { deployments, statefulSets, daemonSets, replicaSets, controllers, pods } = lists
  const owners = [deployments, statefulSets, daemonSets, replicaSets, controllers, lists.jobs, pods].flat()
  return owners
    .filter(isShown)
    .map((workload) => workloadStatus(workload, { lists, simulated }))
    .sort(byPlace)
}

// A CronJob's Jobs and a finished pod are history, but for those that failed or still run.
function isShown(object: Observed): boolean {
  const owner = controllerOf(object)
  if (object.kind === 'Job') return owner === undefined || !isOver(object)
  if (object.kind === 'Pod') return (owner === undefined || owner === 'Node') && !isOver(object)
  return owner === undefined
}

function controllerOf({ metadata }: Observed): string | undefined {
  const owners = (metadata.ownerReferences ?? []) as { controller?: boolean; kind: string }[]
  return owners.find(({ controller }) => controller)?.kind
}

function isOver(object: Observed): boolean {
  if (object.kind === 'Pod') return object.status?.phase === 'Succeeded'
  return object.status?.completionTime !== undefined
}

function workloadStatus(
  workload: Observed,
  { lists, simulated }: { lists: Lists; simulated: boolean },
): WorkloadStatus {
  const { namespace = '', name } = workload.metadata
  const judged = readiness(workload, { seenSeconds: seenSeconds(workload) })
  const state = stateOf(judged)
  const problem = state === 'progressing' ? podProblem(workload, lists) : undefined
  const reason = problem ? `${judged.message}; ${problem.text}` : judged.message
  const isFailed = problem?.isFinal === true
  return {
    ...{ namespace, kind: workload.kind, name },
    ...counts(workload, state),
    state: isFailed ? 'failed' : state,
    simulated,
    reason,
  }
}

const states: Record<Readiness['status'], State> = {
  Current: 'ready',
  InProgress: 'progressing',
  Failed: 'failed',
  Terminating: 'terminating',
  NotFound: 'failed',
}

function stateOf({ status }: Readiness): State {
  return states[status]
}

function counts({ kind, spec, status }: Observed, state: State): { ready: number; wanted: number } {
  if (kind === 'Pod') return { ready: state === 'ready' ? 1 : 0, wanted: 1 }
  if (kind === 'DaemonSet')
    return { ready: status?.numberReady ?? 0, wanted: status?.desiredNumberScheduled ?? 0 }
  if (kind === 'Job')
    return { ready: status?.succeeded ?? 0, wanted: spec?.completions ?? spec?.parallelism ?? 1 }
  return { ready: status?.readyReplicas ?? 0, wanted: spec?.replicas ?? 1 }
}

function byPlace(one: WorkloadStatus, other: WorkloadStatus): number {
  const key = ({ namespace, kind, name }: WorkloadStatus) => `${namespace}\0${kind}\0${name}`
  return key(one) < key(other) ? -1 : 1
}
