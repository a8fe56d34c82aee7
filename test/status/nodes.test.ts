import { describe, expect, test } from 'vitest'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import { nodeStatuses } from '../../tasks/lib/status/nodes.ts'
import { observed } from './lists.ts'

const ready = { conditions: [{ type: 'Ready', status: 'True' }] }
const allocatable = { pods: '110', cpu: '4', memory: '8Gi' }

function pod(name: string, spec: Record<string, unknown>, phase = 'Running') {
  return observed('Pod', `worker/${name}`, { spec: { nodeName: 'kube1', ...spec }, status: { phase } })
}

function asks(cpu: string, memory = '0') {
  return { resources: { requests: { cpu, memory } } }
}

describe('a node', () => {
  test('shows roles, version, addresses and that it is simulated', () => {
    const node = observed('Node', 'kube1', {
      metadata: {
        labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' },
        annotations: { 'kwok.x-k8s.io/node': 'fake' },
      },
      spec: { unschedulable: true },
      status: {
        ...ready,
        nodeInfo: { kubeletVersion: 'v1.36.3' },
        addresses: [
          { type: 'InternalIP', address: '192.0.2.10' },
          { type: 'Hostname', address: 'kube1' },
        ],
      },
    })
    expect(nodeStatuses({ nodes: [node], pods: [] }, [])).toMatchObject([
      {
        ...{ state: 'ready', simulated: true, cordoned: true, version: '1.36.3', addresses: ['192.0.2.10'] },
        roles: ['control-plane', 'worker'],
      },
    ])
  })

  test('counts what its pods request as the scheduler does, and leaves finished ones out', () => {
    const node = observed('Node', 'kube1', { status: { ...ready, allocatable } })
    const pods = [
      pod('a', { containers: [asks('250m', '1Gi'), asks('250m')], initContainers: [asks('2', '512Mi')] }),
      pod('b', { containers: [asks('1')], initContainers: [{ ...asks('500m'), restartPolicy: 'Always' }] }),
      pod('c', { containers: [asks('4')] }, 'Succeeded'),
      pod('d', { containers: [asks('4')], nodeName: 'kube2' }),
    ]
    expect(nodeStatuses({ nodes: [node], pods }, [])).toMatchObject([
      {
        ...{ pods: { used: 2, total: 110 }, cpu: { used: 3.5, total: 4 } },
        memory: { used: 2 ** 30, total: 2 ** 33 },
      },
    ])
  })

  test('that is not ready says why', () => {
    const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'no network' }]
    const node = observed('Node', 'kube1', { status: { conditions } })
    expect(nodeStatuses({ nodes: [node], pods: [] }, [])).toMatchObject([
      { state: 'not ready', reason: 'KubeletNotReady: no network' },
    ])
  })

  test('that is configured but not there is missing, unless it runs etcd only', () => {
    const configured = (name: string, role: ClusterNode['roles'][number]): ClusterNode => ({
      ...{ name, roles: [role], labels: {}, taints: [], volumes: [] },
    })
    const nodes = nodeStatuses({ nodes: [], pods: [] }, [
      configured('kube1', 'worker'),
      configured('store1', 'etcd'),
    ])
    expect(nodes).toMatchObject([{ name: 'kube1', state: 'missing' }])
    expect(nodes).toHaveLength(1)
  })
})
