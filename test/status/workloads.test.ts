import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Lists } from '../../tasks/lib/status/lists.ts'
import { workloadStatuses } from '../../tasks/lib/status/workloads.ts'
import { lists, observed } from './lists.ts'

beforeAll(() => void vi.useFakeTimers({ now: Date.parse('2026-11-21T12:00:00Z') }))
afterAll(() => void vi.useRealTimers())

const selector = { matchLabels: { app: 'web' } }
const labels = { app: 'web', 'pod-template-hash': 'abc' }

function deployment({ ready }: { ready: number }) {
  return observed('Deployment apps/v1', 'worker/web', {
    metadata: { generation: 1, uid: 'u1', annotations: { 'deployment.kubernetes.io/revision': '1' } },
    spec: { replicas: 2, selector },
    status: {
      ...{ observedGeneration: 1, replicas: 2, updatedReplicas: 2 },
      ...{ readyReplicas: ready, availableReplicas: ready },
    },
  })
}

function pod(status: Record<string, unknown>, metadata: Record<string, unknown> = {}) {
  const ownerReferences = [{ controller: true, kind: 'ReplicaSet', name: 'web-abc' }]
  return observed('Pod', 'worker/web-1', { metadata: { labels, ownerReferences, ...metadata }, status })
}

const replicaSet = observed('ReplicaSet apps/v1', 'worker/web-abc', {
  metadata: {
    labels,
    annotations: { 'deployment.kubernetes.io/revision': '1' },
    ownerReferences: [{ controller: true, kind: 'Deployment', name: 'web' }],
  },
})

function judge(given: Partial<Lists>, simulated = false) {
  return workloadStatuses(lists({ replicaSets: [replicaSet], ...given }), { simulated })
}

describe('a workload', () => {
  test('is ready when all that is wanted is there, and says so in counts', () => {
    expect(judge({ deployments: [deployment({ ready: 2 })] })).toEqual([
      {
        ...{ namespace: 'worker', kind: 'Deployment', name: 'web', ready: 2, wanted: 2 },
        ...{ state: 'ready', simulated: false, reason: '' },
      },
    ])
  })

  test('is marked as simulated where no machine stands behind it', () => {
    expect(judge({ deployments: [deployment({ ready: 2 })] }, true)[0]).toMatchObject({
      state: 'ready',
      simulated: true,
    })
  })

  test('fails for the reason of its pod', () => {
    const waiting = { reason: 'CrashLoopBackOff' }
    const crashed = pod({ phase: 'Running', containerStatuses: [{ name: 'app', state: { waiting } }] })
    expect(judge({ deployments: [deployment({ ready: 1 })], pods: [crashed] })).toMatchObject([
      { state: 'failed', reason: '1 of 2 available; pod web-1: container app: CrashLoopBackOff' },
    ])
  })

  test('does not fail for a pod of the same name in another namespace', () => {
    const waiting = { reason: 'CrashLoopBackOff' }
    const status = { phase: 'Running', containerStatuses: [{ name: 'app', state: { waiting } }] }
    const other = pod(status, { namespace: 'other' })
    expect(judge({ deployments: [deployment({ ready: 1 })], pods: [other] })).toMatchObject([
      { state: 'progressing', reason: '1 of 2 available' },
    ])
  })

  test.each([
    ['2026-11-21T11:59:50Z', 'progressing'],
    ['2026-11-21T11:59:30Z', 'failed'],
  ])('whose pod finds no node since %s is %s', (lastTransitionTime, state) => {
    const scheduled = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', lastTransitionTime }
    const pods = [pod({ phase: 'Pending', conditions: [{ ...scheduled, message: 'no node fits' }] })]
    expect(judge({ deployments: [deployment({ ready: 1 })], pods })).toMatchObject([{ state }])
  })

  test('that is a single pod fails when no node takes it for long', () => {
    const since = { reason: 'Unschedulable', lastTransitionTime: '2026-11-21T11:00:00Z' }
    const conditions = [{ type: 'PodScheduled', status: 'False', message: 'no node fits', ...since }]
    const alone = observed('Pod', 'worker/alone', { status: { phase: 'Pending', conditions } })
    expect(judge({ pods: [alone] })).toMatchObject([
      { state: 'failed', reason: 'cannot be scheduled: no node fits' },
    ])
  })

  test.each([
    ['2026-11-21T11:50:00Z', 'no pod can be made: exceeded quota'],
    ['2026-11-21T10:00:00Z', ''],
  ])('whose pods were refused at %s gives as the reason: "%s"', (lastTimestamp, text) => {
    const set = observed('StatefulSet apps/v1', 'worker/db', {
      metadata: { uid: 'u2', generation: 1 },
      spec: { replicas: 1, selector },
      status: { observedGeneration: 1, replicas: 0 },
    })
    const refusals = [
      observed('Event', 'worker/db.1', {
        ...{
          reason: 'FailedCreate',
          message: 'exceeded quota',
          lastTimestamp,
          involvedObject: { uid: 'u2' },
        },
      }),
    ]
    const reason = text ? `0 of 1 pods made; ${text}` : '0 of 1 pods made'
    expect(judge({ statefulSets: [set], refusals })).toMatchObject([{ state: 'progressing', reason }])
  })
})

describe('what is not listed', () => {
  const owned = (kind: string) => ({ ownerReferences: [{ controller: true, kind, name: 'x' }] })

  test.each([
    ['pods of a workload', { pods: [pod({ phase: 'Running' })] }],
    ['a finished pod', { pods: [observed('Pod', 'worker/once', { status: { phase: 'Succeeded' } })] }],
    [
      'a finished Job of a CronJob',
      {
        jobs: [
          observed('Job batch/v1', 'worker/backup-1', {
            metadata: owned('CronJob'),
            status: { completionTime: '2026-11-21T03:00:00Z' },
          }),
        ],
      },
    ],
  ])('%s', (_, given) => expect(judge(given)).toEqual([]))

  test('but a failed Job of a CronJob is', () => {
    const conditions = [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }]
    const failed = observed('Job batch/v1', 'worker/backup-1', {
      metadata: owned('CronJob'),
      status: { conditions },
    })
    expect(judge({ jobs: [failed] })).toMatchObject([{ state: 'failed', reason: 'BackoffLimitExceeded' }])
  })
})
