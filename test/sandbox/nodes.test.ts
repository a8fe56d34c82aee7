import { expect, test } from 'vitest'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import { simulatedNodes } from '../../tasks/lib/sandbox/nodes.ts'
import { testConfig } from '../support/config.ts'

function nodesOf(...nodes: Partial<ClusterNode>[]) {
  const whole = nodes.map(
    (node) => ({ name: 'n', roles: ['worker'], labels: {}, taints: [], volumes: [], ...node }) as ClusterNode,
  )
  return simulatedNodes(testConfig('/project', { nodes: whole }))
}

test('without nodes in the configuration there are kube1, kube2 and kube3', () => {
  expect(simulatedNodes(testConfig('/project')).map(({ metadata }) => metadata.name)).toEqual([
    'kube1',
    'kube2',
    'kube3',
  ])
})

test('a node carries name, address, labels and taints of the configuration and says that it is simulated', () => {
  const node: Partial<ClusterNode> = {
    name: 'rack1',
    address: '10.0.0.7',
    labels: { disk: 'ssd' },
    taints: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }],
  }
  expect(nodesOf(node)).toEqual([
    {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: 'rack1',
        annotations: { 'kwok.x-k8s.io/node': 'fake', 'metaltasks/node-address': '10.0.0.7' },
        labels: {
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': 'rack1',
          'kubernetes.io/os': 'linux',
          disk: 'ssd',
        },
      },
      spec: { taints: [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }] },
    },
  ])
})

test('a node that is only a control plane node takes no workloads, one that is also a worker does', () => {
  const [only, both] = nodesOf({ roles: ['control-plane'] }, { roles: ['control-plane', 'worker'] })
  const taint = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
  expect(only!.spec).toEqual({ taints: [taint] })
  expect(both!.spec).toEqual({})
  expect(both!.metadata.labels).toHaveProperty(['node-role.kubernetes.io/control-plane'], '')
})

test('a machine that runs only etcd is no node', () => {
  expect(
    nodesOf({ name: 'etcd1', roles: ['etcd'] }, { name: 'w' }).map(({ metadata }) => metadata.name),
  ).toEqual(['w'])
})
