import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import { groupOf } from '../objects/identity.ts'
import type { Observed } from '../objects/observed.ts'
import { findResource } from '../objects/served.ts'
import type { Feed, FeedScope, Seen } from './feed.ts'
import { podReadiness } from './readiness-pods.ts'
import { matchesSelector } from './selector.ts'
import { creationFailure } from './workload-events.ts'

/** What is watched besides an object that depends on pods. */
export interface PodFeeds {
  feeds: Feed[]
  pods?: Feed
  replicaSets?: Feed
  events?: Feed
}

/** Starts watching the pods, and for a Deployment the ReplicaSets, that stand behind an object. */
export async function podFeeds(wait: {
  client: ApiClient
  feedOf: (scope: FeedScope) => Feed
  object: KubernetesObject | undefined
}): Promise<PodFeeds> {
  const { client, feedOf, object } = wait
  if (!object || !hasPods(object)) return { feeds: [] }
  const { namespace } = object.metadata
  const feed = async (apiVersion: string, kind: string) =>
    feedOf({ resource: await findResource(client, { apiVersion, kind }), namespace })
  const pods = await feed('v1', 'Pod')
  const events = makesPods.has(object.kind) ? await feed('v1', 'Event') : undefined
  const replicaSets = object.kind === 'Deployment' ? await feed('apps/v1', 'ReplicaSet') : undefined
  return { feeds: [pods, events, replicaSets].filter((one) => one !== undefined), pods, events, replicaSets }
}

/** "pod web-1: container app: CrashLoopBackOff": why the workload's newest pods do not come up, if they cannot. */
export function podFailure(workload: Observed, feeds: PodFeeds): string | undefined {
  const creation = creationFailure(workload, feeds.events)
  if (creation?.isFinal) return creation.text
  for (const { object, since } of podsOf(workload, feeds)) {
    const pod = object as Observed
    const state = podReadiness(pod, { seenSeconds: (Date.now() - since) / 1000 })
    if (state.status === 'Failed' && !mayTryAgain(workload, { pod, message: state.message }))
      return `pod ${pod.metadata.name}: ${state.message}`
  }
  return undefined
}

/** The pods that the workload's present template made; those of an earlier one may be as broken as they like. */
export function podsOf(workload: Observed, { pods, replicaSets }: PodFeeds): Seen[] {
  if (!pods || !['apps', 'batch', ''].includes(groupOf(workload.apiVersion))) return []
  if (!isObserved(workload)) return []
  const revision = revisionLabel(workload, replicaSets)
  // It has a revision whose ReplicaSet has not been heard of yet.
  if (!revision && replicaSets && workload.metadata.annotations?.[revisionAnnotation]) return []
  return [...pods.objects.values()].filter(({ object: { metadata } }) => {
    if (metadata.deletionTimestamp || !matchesSelector(metadata.labels, workload.spec?.selector)) return false
    return revision === undefined || metadata.labels?.[revision.label] === revision.value
  })
}

const makesPods = new Set([
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'ReplicaSet',
  'ReplicationController',
  'Job',
])

function hasPods({ apiVersion, kind }: KubernetesObject): boolean {
  const isBuiltIn = ['v1', 'apps/v1', 'batch/v1'].includes(apiVersion)
  return isBuiltIn && (makesPods.has(kind) || kind === 'PersistentVolumeClaim')
}

// A Job counts the failures of its pods by itself and fails when there are too many; it only cannot help a pod that never starts.
function mayTryAgain({ kind }: Observed, { pod, message }: { pod: Observed; message: string }): boolean {
  return kind === 'Job' && (pod.status?.phase === 'Failed' || message.includes('CrashLoopBackOff'))
}

// Until the controller has seen a change, its revision is that of the template before.
function isObserved({ metadata, status }: Observed): boolean {
  return status?.observedGeneration === undefined || status.observedGeneration >= (metadata.generation ?? 0)
}

function revisionLabel(workload: Observed, replicaSets?: Feed): { label: string; value: string } | undefined {
  if (workload.kind === 'StatefulSet')
    return labelled('controller-revision-hash', workload.status?.updateRevision)
  if (workload.kind === 'DaemonSet')
    return labelled(
      'pod-template-generation',
      workload.metadata.annotations?.['deprecated.daemonset.template.generation'],
    )
  const revision = workload.metadata.annotations?.[revisionAnnotation]
  if (workload.kind !== 'Deployment' || !revision || !replicaSets) return undefined
  const newest = [...replicaSets.objects.values()].find(
    ({ object }) =>
      object.metadata.annotations?.[revisionAnnotation] === revision &&
      matchesSelector(object.metadata.labels, workload.spec?.selector),
  )
  return labelled('pod-template-hash', newest?.object.metadata.labels?.['pod-template-hash'])
}

const revisionAnnotation = 'deployment.kubernetes.io/revision'

function labelled(label: string, value: string | undefined) {
  return value === undefined ? undefined : { label, value }
}
