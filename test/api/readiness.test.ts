import { expect, test } from 'vitest'
import { canBeUnready, readiness } from '../../tasks/lib/api/wait/readiness.ts'
import { object } from '../support/objects.ts'

interface Case {
  type: string
  says: string
  metadata?: object
  spec?: object
  status?: object
  seenSeconds?: number
  waitsForConsumer?: boolean
  status_: string
}

const deployment = {
  observedGeneration: 1,
  replicas: 2,
  updatedReplicas: 2,
  availableReplicas: 2,
  readyReplicas: 2,
}
const stateful = { ...deployment, currentReplicas: 2, currentRevision: 'a', updateRevision: 'a' }
const daemons = {
  observedGeneration: 1,
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
}
const two = { replicas: 2 }
const condition = (type: string, status: string, reason?: string, message?: string) => ({
  conditions: [{ type, status, reason, message }],
})
const waiting = (reason: string, message?: string) => ({
  phase: 'Running',
  containerStatuses: [
    {
      name: 'app',
      state: { waiting: { reason, message } },
      lastState: { terminated: { exitCode: 1, reason: 'Error' } },
    },
  ],
})

const D = 'Deployment apps/v1'
const S = 'StatefulSet apps/v1'
const DS = 'DaemonSet apps/v1'
const RS = 'ReplicaSet apps/v1'
const J = 'Job batch/v1'
const CRD = 'CustomResourceDefinition apiextensions.k8s.io/v1'

const cases: Case[] = [
  {
    says: 'an object with a deletion timestamp',
    type: 'ConfigMap',
    metadata: { deletionTimestamp: 'x' },
    status_: 'Terminating: being deleted',
  },
  {
    says: 'a finalizer that holds it',
    type: 'ConfigMap',
    metadata: { deletionTimestamp: 'x', finalizers: ['a/b'] },
    status_: 'Terminating: being deleted, held by a/b',
  },
  {
    says: 'a generation that no controller has seen',
    type: 'Thing example.com/v1',
    metadata: { generation: 3 },
    status: { observedGeneration: 2 },
    status_: 'InProgress: generation 3 is not observed yet',
  },
  {
    says: 'condition Stalled',
    type: 'Thing example.com/v1',
    status: condition('Stalled', 'True', 'BadSpec', 'no'),
    status_: 'Failed: BadSpec: no',
  },
  {
    says: 'condition Reconciling',
    type: 'Thing example.com/v1',
    status: condition('Reconciling', 'True', 'Working'),
    status_: 'InProgress: Working',
  },
  {
    says: 'condition Ready of a custom resource, false',
    type: 'Thing example.com/v1',
    status: condition('Ready', 'False', 'Busy', 'soon'),
    status_: 'InProgress: Busy: soon',
  },
  {
    says: 'condition Ready of a custom resource, true',
    type: 'Thing example.com/v1',
    status: condition('Ready', 'True'),
    status_: 'Current',
  },
  { says: 'a custom resource without conditions', type: 'Thing example.com/v1', status_: 'Current' },
  { says: 'a ConfigMap', type: 'ConfigMap', status_: 'Current' },

  {
    says: 'a Deployment that no controller has seen',
    type: D,
    spec: two,
    status_: 'InProgress: not observed yet',
  },
  { says: 'a Deployment with all pods', type: D, spec: two, status: deployment, status_: 'Current' },
  {
    says: 'a Deployment with too few updated',
    type: D,
    spec: two,
    status: { ...deployment, updatedReplicas: 1 },
    status_: 'InProgress: 1 of 2 updated',
  },
  {
    says: 'a Deployment with old pods',
    type: D,
    spec: two,
    status: { ...deployment, replicas: 3 },
    status_: 'InProgress: 1 of the old pods still there',
  },
  {
    says: 'a Deployment with too few available',
    type: D,
    spec: two,
    status: { ...deployment, availableReplicas: 0 },
    status_: 'InProgress: 0 of 2 available',
  },
  {
    says: 'a Deployment with too few ready',
    type: D,
    spec: two,
    status: { ...deployment, readyReplicas: 1 },
    status_: 'InProgress: 1 of 2 ready',
  },
  {
    says: 'a Deployment that is not available',
    type: D,
    spec: two,
    status: { ...deployment, ...condition('Available', 'False', 'Few') },
    status_: 'InProgress: Few',
  },
  {
    says: 'a Deployment past its deadline',
    type: D,
    spec: two,
    status: { ...deployment, ...condition('Progressing', 'False', 'ProgressDeadlineExceeded', 'timed out') },
    status_: 'Failed: ProgressDeadlineExceeded: timed out',
  },
  {
    says: 'a Deployment whose pods a quota refuses',
    type: D,
    spec: two,
    status: {
      ...deployment,
      updatedReplicas: 0,
      ...condition('ReplicaFailure', 'True', 'FailedCreate', 'exceeded quota'),
    },
    status_: 'InProgress: 0 of 2 updated (FailedCreate: exceeded quota)',
  },
  {
    says: 'a Deployment whose pods Pod Security refuses',
    type: D,
    spec: two,
    status: {
      ...deployment,
      updatedReplicas: 0,
      ...condition('ReplicaFailure', 'True', 'FailedCreate', 'violates PodSecurity "baseline"'),
    },
    status_: 'Failed: no pod can be made (FailedCreate: violates PodSecurity "baseline")',
  },
  {
    says: 'a Deployment with no pods wanted',
    type: D,
    spec: { replicas: 0 },
    status: { observedGeneration: 1 },
    status_: 'Current',
  },
  {
    says: 'a Deployment without replicas wants one',
    type: D,
    spec: {},
    status: { observedGeneration: 1 },
    status_: 'InProgress: 0 of 1 updated',
  },
  {
    says: 'a paused Deployment',
    type: D,
    spec: { paused: true },
    status: { observedGeneration: 1 },
    status_: 'Current',
  },

  { says: 'a StatefulSet with all pods', type: S, spec: two, status: stateful, status_: 'Current' },
  {
    says: 'a StatefulSet with too few pods',
    type: S,
    spec: two,
    status: { ...stateful, replicas: 1 },
    status_: 'InProgress: 1 of 2 pods made',
  },
  {
    says: 'a StatefulSet with too few ready',
    type: S,
    spec: two,
    status: { ...stateful, readyReplicas: 1 },
    status_: 'InProgress: 1 of 2 ready',
  },
  {
    says: 'a StatefulSet in the middle of an update',
    type: S,
    spec: two,
    status: { ...stateful, updatedReplicas: 1, updateRevision: 'b' },
    status_: 'InProgress: 1 of 2 updated',
  },
  {
    says: 'a StatefulSet that updates on delete',
    type: S,
    spec: { ...two, updateStrategy: { type: 'OnDelete' } },
    status: { ...stateful, updateRevision: 'b' },
    status_: 'Current',
  },
  {
    says: 'a StatefulSet up to its partition',
    type: S,
    spec: { ...two, updateStrategy: { rollingUpdate: { partition: 1 } } },
    status: { ...stateful, updatedReplicas: 1, updateRevision: 'b' },
    status_: 'Current',
  },
  {
    says: 'a StatefulSet below its partition',
    type: S,
    spec: { ...two, updateStrategy: { rollingUpdate: { partition: 1 } } },
    status: { ...stateful, updatedReplicas: 0, updateRevision: 'b' },
    status_: 'InProgress: 0 of 1 updated',
  },

  { says: 'a DaemonSet on all nodes', type: DS, status: daemons, status_: 'Current' },
  {
    says: 'a DaemonSet on too few nodes',
    type: DS,
    status: { ...daemons, currentNumberScheduled: 1 },
    status_: 'InProgress: 1 of 2 scheduled',
  },
  {
    says: 'a DaemonSet with an old pod',
    type: DS,
    status: { ...daemons, updatedNumberScheduled: 1 },
    status_: 'InProgress: 1 of 2 updated',
  },
  {
    says: 'a DaemonSet with too few available',
    type: DS,
    status: { ...daemons, numberAvailable: 1 },
    status_: 'InProgress: 1 of 2 available',
  },
  {
    says: 'a DaemonSet with too few ready',
    type: DS,
    status: { ...daemons, numberReady: 1 },
    status_: 'InProgress: 1 of 2 ready',
  },
  { says: 'a ReplicaSet with all pods', type: RS, spec: two, status: deployment, status_: 'Current' },
  {
    says: 'a ReplicaSet with too many pods',
    type: RS,
    spec: two,
    status: { ...deployment, replicas: 3 },
    status_: 'InProgress: 1 pods too many',
  },
  {
    says: 'a ReplicationController with too few pods',
    type: 'ReplicationController',
    spec: two,
    status: { replicas: 1 },
    status_: 'InProgress: 1 of 2 pods made',
  },

  {
    says: 'a pod that is ready',
    type: 'Pod',
    status: { phase: 'Running', ...condition('Ready', 'True') },
    status_: 'Current',
  },
  { says: 'a pod that is done', type: 'Pod', status: { phase: 'Succeeded' }, status_: 'Current' },
  {
    says: 'a pod that failed',
    type: 'Pod',
    status: { phase: 'Failed', reason: 'Evicted', message: 'disk' },
    status_: 'Failed: Evicted: disk',
  },
  {
    says: 'a container that crashes again and again',
    type: 'Pod',
    status: waiting('CrashLoopBackOff'),
    status_: 'Failed: container app: CrashLoopBackOff, ended with 1 (Error)',
  },
  {
    says: 'a container of the network of a node that began before Services could be reached',
    type: 'Pod',
    spec: { hostNetwork: true },
    status: waiting('CrashLoopBackOff'),
    status_: 'InProgress: container app: CrashLoopBackOff',
  },
  {
    says: 'an image that cannot be had',
    type: 'Pod',
    status: waiting('ImagePullBackOff', 'not found'),
    status_: 'Failed: container app: ImagePullBackOff: not found',
  },
  {
    says: 'a container that is being made',
    type: 'Pod',
    status: { ...waiting('ContainerCreating'), phase: 'Pending' },
    status_: 'InProgress: container app: ContainerCreating',
  },
  {
    says: 'a pod that no node takes, at first',
    type: 'Pod',
    seenSeconds: 14,
    status: { phase: 'Pending', ...condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes') },
    status_: 'InProgress: cannot be scheduled: 0/3 nodes',
  },
  {
    says: 'a pod that no node takes for more than 15 seconds',
    type: 'Pod',
    seenSeconds: 16,
    status: { phase: 'Pending', ...condition('PodScheduled', 'False', 'Unschedulable', '0/3 nodes') },
    status_: 'Failed: cannot be scheduled: 0/3 nodes',
  },

  { says: 'a Job that is complete', type: J, status: condition('Complete', 'True'), status_: 'Current' },
  {
    says: 'a Job that runs',
    type: J,
    spec: { completions: 3 },
    status: { succeeded: 1, active: 1, failed: 1 },
    status_: 'InProgress: 1 of 3 completed, 1 running, 1 failed',
  },
  {
    says: 'a Job that failed',
    type: J,
    status: condition('Failed', 'True', 'BackoffLimitExceeded'),
    status_: 'Failed: BackoffLimitExceeded',
  },
  { says: 'a Job that is to be suspended', type: J, spec: { suspend: true }, status_: 'Current' },
  {
    says: 'a claim with its volume',
    type: 'PersistentVolumeClaim',
    status: { phase: 'Bound' },
    status_: 'Current',
  },
  {
    says: 'a claim without a volume',
    type: 'PersistentVolumeClaim',
    status: { phase: 'Pending' },
    status_: 'InProgress: not bound to a volume',
  },
  {
    says: 'a claim that nobody uses yet, of a class that waits for that',
    type: 'PersistentVolumeClaim',
    waitsForConsumer: true,
    status: { phase: 'Pending' },
    status_: 'Current',
  },
  {
    says: 'a claim whose volume is lost',
    type: 'PersistentVolumeClaim',
    status: { phase: 'Lost' },
    status_: 'Failed: its volume is lost',
  },
  { says: 'a Service', type: 'Service', spec: { type: 'ClusterIP' }, status_: 'Current' },
  {
    says: 'a load balancer without an address',
    type: 'Service',
    spec: { type: 'LoadBalancer' },
    status: { loadBalancer: {} },
    status_: 'InProgress: no load balancer address',
  },
  {
    says: 'a load balancer with an address',
    type: 'Service',
    spec: { type: 'LoadBalancer' },
    status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }] } },
    status_: 'Current',
  },
  { says: 'a namespace', type: 'Namespace', status: { phase: 'Active' }, status_: 'Current' },
  { says: 'a kind that is served', type: CRD, status: condition('Established', 'True'), status_: 'Current' },
  { says: 'a kind that is not served yet', type: CRD, status_: 'InProgress: not established yet' },
  {
    says: 'a kind whose name is taken',
    type: CRD,
    status: condition('NamesAccepted', 'False', 'PluralConflict', 'taken'),
    status_: 'Failed: PluralConflict: taken',
  },
  {
    says: 'an API that does not answer',
    type: 'APIService apiregistration.k8s.io/v1',
    status: condition('Available', 'False', 'MissingEndpoints'),
    status_: 'InProgress: MissingEndpoints',
  },
]

for (const { says, type, metadata, spec, status, seenSeconds, waitsForConsumer, status_ } of cases) {
  test(`${says} is ${status_}`, () => {
    const found = readiness(
      object(type, 'web/x', { metadata: { generation: 1, ...metadata }, spec, status }),
      {
        seenSeconds,
        waitsForConsumer,
      },
    )
    expect([found.status, found.message].filter(Boolean).join(': ')).toBe(status_)
  })
}

test('an object that is not there is NotFound', () => {
  expect(readiness(undefined).status).toBe('NotFound')
})

test('what is ready as soon as it is stored is not watched', () => {
  for (const type of [
    'ConfigMap',
    'Secret',
    'PersistentVolume',
    'StorageClass storage.k8s.io/v1',
    'Role rbac.authorization.k8s.io/v1',
  ])
    expect(canBeUnready(object(type, 'x'))).toBe(false)
  for (const type of [D, 'Pod', 'Namespace', 'Thing example.com/v1', 'PersistentVolumeClaim'])
    expect(canBeUnready(object(type, 'x'))).toBe(true)
})
