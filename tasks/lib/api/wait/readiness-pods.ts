import {
  conditionOf,
  current,
  failed,
  inProgress,
  type Observed,
  type Readiness,
  type ReadinessContext,
} from '../objects/observed.ts'

/** A scheduler that finds no node is given this long, for a node or a volume that comes up at the same time. */
const unschedulableSeconds = 15

/** A pod: ready, done, on its way, or stopped by something that waiting does not mend. */
export function podReadiness(pod: Observed, { seenSeconds = 0 }: ReadinessContext): Readiness {
  const { phase } = pod.status ?? {}
  if (phase === 'Succeeded') return current
  if (phase === 'Failed') return failed(failureText(pod))
  const stuck = stuckContainer(pod)
  if (stuck) return failed(stuck)
  if (conditionOf(pod, 'Ready')?.status === 'True') return current
  const scheduled = conditionOf(pod, 'PodScheduled')
  if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
    const message = `cannot be scheduled: ${scheduled.message ?? 'no node fits'}`
    return seenSeconds > unschedulableSeconds ? failed(message) : inProgress(message)
  }
  return inProgress(progressText(pod))
}

/** Whether the pod waits for a node, so that it has to be looked at again later even when nothing happens. */
export function isUnschedulable(pod: Observed): boolean {
  return conditionOf(pod, 'PodScheduled')?.reason === 'Unschedulable'
}

interface ContainerStatus {
  name: string
  ready?: boolean
  restartCount?: number
  state?: { waiting?: Ended; terminated?: Ended }
  lastState?: { terminated?: Ended }
}

interface Ended {
  reason?: string
  message?: string
  exitCode?: number
}

const hopeless = new Set([
  'CrashLoopBackOff',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'CreateContainerConfigError',
])

function stuckContainer(pod: Observed): string | undefined {
  const stuck = containers(pod).find(({ state }) => hopeless.has(state?.waiting?.reason ?? ''))
  if (!stuck || isEarly(pod, stuck)) return undefined
  const { reason, message } = stuck.state!.waiting!
  const ended = stuck.lastState?.terminated
  const exit = ended ? `, ended with ${ended.exitCode ?? '?'}${ended.reason ? ` (${ended.reason})` : ''}` : ''
  const detail = reason === 'CrashLoopBackOff' ? exit : message ? `: ${message}` : ''
  return `container ${stuck.name}: ${reason}${detail}`
}

// What makes the network of a new node has no addresses of Services before kube-proxy has: it ends and is started again.
function isEarly({ spec }: Observed, { state, restartCount = 0 }: ContainerStatus): boolean {
  const isStartedAgain = state?.waiting?.reason === 'CrashLoopBackOff' && restartCount < earlyTries
  return spec?.hostNetwork === true && isStartedAgain
}
const earlyTries = 6

function failureText(pod: Observed): string {
  const { reason, message } = pod.status ?? {}
  const ended = containers(pod).find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0)
  const exit = ended && `container ${ended.name} ended with ${ended.state!.terminated!.exitCode}`
  return [reason, message, exit].filter(Boolean).join(': ') || 'the pod failed'
}

function progressText(pod: Observed): string {
  const waiting = containers(pod).find(({ state }) => state?.waiting?.reason)
  if (waiting) return `container ${waiting.name}: ${waiting.state!.waiting!.reason}`
  const unready = containers(pod).filter(({ ready }) => !ready)
  if (pod.status?.phase === 'Running' && unready.length > 0)
    return `not ready: ${unready.map(({ name }) => name).join(', ')}`
  return pod.status?.phase ? `phase ${pod.status.phase}` : 'not started yet'
}

function containers(pod: Observed): ContainerStatus[] {
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status ?? {}
  return [...initContainerStatuses, ...containerStatuses]
}
