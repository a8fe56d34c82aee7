import { expect, test } from 'vitest'
import type { Observed } from '../../tasks/lib/api/objects/observed.ts'
import type { Feed } from '../../tasks/lib/api/wait/feed.ts'
import { creationFailure } from '../../tasks/lib/api/wait/workload-events.ts'
import { podFailure, podsOf } from '../../tasks/lib/api/wait/workload-pods.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { object } from '../support/objects.ts'

function feed(objects: KubernetesObject[], isNew = true): Feed {
  const seen = objects.map((object) => [object.metadata.name, { object, since: Date.now(), isNew }] as const)
  return { objects: new Map(seen), synced: true, listeners: new Set(), release: () => {} }
}

const selector = { matchLabels: { app: 'web' } }
const crash = { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }

function pod(
  name: string,
  labels: object,
  { status = {}, metadata = {} }: { status?: object; metadata?: object } = {},
) {
  return object('Pod', `web/${name}`, {
    metadata: { labels: { app: 'web', ...labels }, ...metadata },
    status,
  })
}

function workload(type: string, fields: object): Observed {
  return object(type, 'web/web', { spec: { selector }, ...fields }) as Observed
}

const revision = (value: string) => ({ annotations: { 'deployment.kubernetes.io/revision': value } })
const replicaSet = (hash: string, number: string) =>
  object('ReplicaSet apps/v1', `web/${hash}`, {
    metadata: { labels: { app: 'web', 'pod-template-hash': hash }, ...revision(number) },
  })

test('pods of a Deployment that an earlier template made do not count', () => {
  const deployment = workload('Deployment apps/v1', { metadata: revision('2') })
  const pods = feed([
    pod('old', { 'pod-template-hash': 'a' }, { status: crash }),
    pod('new', { 'pod-template-hash': 'b' }),
  ])
  const feeds = { feeds: [], pods, replicaSets: feed([replicaSet('a', '1'), replicaSet('b', '2')]) }
  expect(podsOf(deployment, feeds).map(({ object }) => object.metadata.name)).toEqual(['new'])
  expect(podFailure(deployment, feeds)).toBeUndefined()
  const broken = { ...feeds, pods: feed([pod('new', { 'pod-template-hash': 'b' }, { status: crash })]) }
  expect(podFailure(deployment, broken)).toBe('pod new: container app: CrashLoopBackOff')
})

test('no pod of a Deployment counts before its controller has seen the change, nor before its ReplicaSet is known', () => {
  const pods = feed([pod('old', { 'pod-template-hash': 'a' }, { status: crash })])
  const feeds = { feeds: [], pods, replicaSets: feed([replicaSet('a', '1')]) }
  const observed = (observedGeneration: number) =>
    workload('Deployment apps/v1', {
      metadata: { ...revision('1'), generation: 2 },
      status: { observedGeneration },
    })
  expect(podFailure(observed(1), feeds)).toBeUndefined()
  expect(podFailure(observed(2), feeds)).toBe('pod old: container app: CrashLoopBackOff')
  const ahead = workload('Deployment apps/v1', { metadata: revision('2') })
  expect(podFailure(ahead, feeds)).toBeUndefined()
})

const revisions: [type: string, fields: object, label: string][] = [
  ['StatefulSet apps/v1', { status: { updateRevision: 'new' } }, 'controller-revision-hash'],
  [
    'DaemonSet apps/v1',
    { metadata: { annotations: { 'deprecated.daemonset.template.generation': 'new' } } },
    'pod-template-generation',
  ],
]
for (const [type, fields, label] of revisions) {
  test(`pods of a ${type} that an earlier template made do not count`, () => {
    const pods = feed([pod('a', { [label]: 'old' }, { status: crash }), pod('b', { [label]: 'new' })])
    expect(
      podsOf(workload(type, fields), { feeds: [], pods }).map(({ object }) => object.metadata.name),
    ).toEqual(['b'])
  })
}

test('pods of others, and those that are being deleted, do not count', () => {
  const others = [
    pod('other', { app: 'db' }, { status: crash }),
    pod('leaving', {}, { status: crash, metadata: { deletionTimestamp: 'x' } }),
  ]
  expect(podFailure(workload('ReplicaSet apps/v1', {}), { feeds: [], pods: feed(others) })).toBeUndefined()
})

test('a Job counts its failures by itself; only a pod that never starts is its failure', () => {
  const job = workload('Job batch/v1', {})
  const image = { containerStatuses: [{ name: 'app', state: { waiting: { reason: 'ImagePullBackOff' } } }] }
  const failureOf = (status: object) => podFailure(job, { feeds: [], pods: feed([pod('a', {}, { status })]) })
  expect(failureOf(crash)).toBeUndefined()
  expect(failureOf({ phase: 'Failed' })).toBeUndefined()
  expect(failureOf(image)).toBe('pod a: container app: ImagePullBackOff')
})

const refused = (message: string, uid = 'u') =>
  object('Event', 'web/event', { reason: 'FailedCreate', message, involvedObject: { uid } })
const daemonSet = workload('DaemonSet apps/v1', { metadata: { uid: 'u' } })

test('that Pod Security refuses a workload’s pods is final, that a quota does is not', () => {
  expect(creationFailure(daemonSet, feed([refused('violates PodSecurity "baseline"')]))).toEqual({
    text: 'no pod can be made: violates PodSecurity "baseline"',
    isFinal: true,
  })
  expect(creationFailure(daemonSet, feed([refused('exceeded quota')]))?.isFinal).toBe(false)
})

test('events from before the wait, and those about others, say nothing', () => {
  expect(creationFailure(daemonSet, feed([refused('violates PodSecurity')], false))).toBeUndefined()
  expect(creationFailure(daemonSet, feed([refused('violates PodSecurity', 'other')]))).toBeUndefined()
})
