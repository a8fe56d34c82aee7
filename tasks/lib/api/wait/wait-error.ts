import type { Progress } from '../../cli/change.ts'
import { type Finding, type Place, TaskError } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import type { Observed } from '../objects/observed.ts'
import { type ObjectRef, refTitle } from '../resource.ts'
import { eventLines, logLines } from './diagnosis.ts'
import type { Feed } from './feed.ts'
import { readiness } from './readiness.ts'
import { podReadiness } from './readiness-pods.ts'
import { type PodFeeds, podsOf } from './workload-pods.ts'

/** Waiting has no point any more; the message says why. */
export class NotReady extends Error {}

interface Failed {
  client: ApiClient
  progress: Progress
  awaited: { ref: ObjectRef; source?: Place; uid?: string }
  own: Feed
  pods?: PodFeeds
}

/**
 * What went wrong, as an operator wants to read it: the object and the reason, then its pods, the last events and the
 * last lines of the log. Errors of other kinds come back as they are.
 */
export async function waitError(error: unknown, wait: Failed): Promise<unknown> {
  if (!(error instanceof NotReady) && !isTimeUp(error, wait.progress.signal)) return error
  const { ref, source, uid } = wait.awaited
  const object = wait.own.objects.get(ref.name)?.object
  const reason = error instanceof NotReady ? error.message : readiness(object).message
  const wanted = uid ? 'is still there' : 'is not ready'
  const message = `${refTitle(ref)} ${wanted}${reason ? `: ${reason}` : ''}`
  const notes = object ? await background(object, wait) : []
  const finding: Finding = { severity: 'error', message, hint: hintFor(ref, reason), ...source }
  return new TaskError(message, { findings: [finding, ...notes], cause: error })
}

// Ctrl-C is an AbortError and no failure of the object; a time limit has another reason.
function isTimeUp(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted && error === signal.reason && !(error instanceof Error && error.name === 'AbortError')
}

function hintFor({ kind, namespace, name }: ObjectRef, reason: string): string {
  if (namespace && reason.includes('violates PodSecurity'))
    return `if that is meant, label the Namespace ${namespace}: pod-security.kubernetes.io/enforce: privileged`
  return `kubectl${namespace ? ` -n ${namespace}` : ''} describe ${kind.toLowerCase()} ${name}`
}

async function background(object: KubernetesObject, { client, pods }: Failed): Promise<Finding[]> {
  const unready = pods ? unreadyPods(object as Observed, pods) : []
  const first = unready.find(({ pod }) => pod.status?.containerStatuses) ?? unready[0]
  const lines = [
    ...unready.slice(0, 3).map(({ pod, message }) => `pod ${pod.metadata.name}: ${message}`),
    ...(await eventLines(client, [object, ...(first ? [first.pod] : [])])),
    ...(first ? await logLines(client, first.pod) : []),
  ]
  return lines.map((message) => ({ severity: 'note', message }))
}

function unreadyPods(object: Observed, feeds: PodFeeds): { pod: Observed; message: string }[] {
  return podsOf(object, feeds).flatMap(({ object: pod, since }) => {
    const state = podReadiness(pod as Observed, { seenSeconds: (Date.now() - since) / 1000 })
    return state.status === 'Current' ? [] : [{ pod: pod as Observed, message: state.message }]
  })
}
