import { describe, expect, test } from 'vitest'
import { volumesStatus } from '../../tasks/lib/status/volumes.ts'
import { lists, observed } from './lists.ts'

function volume(name: string, fields: { group?: string; node?: string; phase?: string; size?: string }) {
  const { group, node, phase = 'Available', size = '1Gi' } = fields
  const term = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] }
  const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [term] }] } }
  return observed('PersistentVolume', name, {
    metadata: group ? { labels: { 'volume.group': group } } : {},
    spec: { capacity: { storage: size }, storageClassName: 'nfs', ...(node ? { nodeAffinity } : {}) },
    status: { phase },
  })
}

describe('PersistentVolumes', () => {
  const volumes = [
    volume('a', { node: 'kube2', group: 'pool-s' }),
    volume('b', { node: 'kube1', group: 'share', phase: 'Failed' }),
    volume('c', { node: 'kube1', group: 'pool-s', phase: 'Bound', size: '500Mi' }),
    volume('d', { node: 'kube1', group: 'pool-s', phase: 'Released', size: '500Mi' }),
    volume('e', {}),
  ]
  const status = volumesStatus(lists({ volumes }), { simulated: true, orphans: [] })

  test('are counted by node, pools before named ones, the network last', () => {
    expect(status.groups.map(({ node, kind, name }) => [node, kind, name])).toEqual([
      ['kube1', 'pool', 'pool-s'],
      ['kube1', 'named', 'share'],
      ['kube2', 'pool', 'pool-s'],
      [null, 'class', 'nfs'],
    ])
  })

  test('are told apart by what they are used for, with sizes', () => {
    const mebi = 2 ** 20
    expect(status.groups[0]).toMatchObject({ count: 2, available: 0, bound: 1, released: 1, failed: 0 })
    expect(status.groups[0]).toMatchObject({ bytes: 1000 * mebi, boundBytes: 500 * mebi })
  })

  test('are named when they are released or failed', () => {
    expect(status).toMatchObject({ released: ['d'], failed: ['b'], simulated: true })
  })
})

describe('a claim that is not bound says why:', () => {
  const reasonOf = (given: Parameters<typeof lists>[0], storageClassName?: string) => {
    const resources = { requests: { storage: '8Gi' } }
    const claim = observed('PersistentVolumeClaim', 'worker/data', {
      ...{ metadata: { uid: 'u1' }, spec: { storageClassName, resources }, status: { phase: 'Pending' } },
    })
    return volumesStatus(lists({ claims: [claim], ...given }), { simulated: false, orphans: [] })
      .pendingClaims[0]!.reason
  }
  const late = observed('StorageClass storage.k8s.io/v1', 'late', {
    volumeBindingMode: 'WaitForFirstConsumer',
  })
  const user = observed('Pod', 'worker/db', {
    spec: { volumes: [{ persistentVolumeClaim: { claimName: 'data' } }] },
  })
  const event = (message: string, lastTimestamp: string) =>
    observed('Event', message, { message, lastTimestamp, involvedObject: { uid: 'u1' } })

  test('nobody uses it yet', () => {
    expect(reasonOf({ storageClasses: [late] }, 'late')).toBe('waits for the first pod that uses it')
  })

  test('a pod uses it and still nothing binds', () => {
    expect(reasonOf({ storageClasses: [late], pods: [user] }, 'late')).toBe('not bound to a volume')
  })

  test('its StorageClass does not exist', () => {
    expect(reasonOf({}, 'fast')).toBe('not bound to a volume: there is no StorageClass fast')
  })

  test('it names no StorageClass', () => {
    expect(reasonOf({})).toBe('not bound to a volume: it names no StorageClass and there is no default')
  })

  test('the newest event of it', () => {
    const claimEvents = [event('old', '2026-11-21T10:00:00Z'), event('new', '2026-11-21T11:00:00Z')]
    expect(reasonOf({ claimEvents, storageClasses: [late], pods: [user] }, 'late')).toBe('new')
  })
})
