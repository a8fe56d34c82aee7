import { expect, test } from 'vitest'
import { labelManager, labelPatch, wantedLabels } from '../../tasks/lib/addons/node-labels.ts'
import { nodeLabelsStep } from '../../tasks/lib/addons/node-labels-step.ts'
import type { ApiClient } from '../../tasks/lib/api/client.ts'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'

const node: ClusterNode = {
  name: 'kube1',
  roles: ['control-plane', 'worker'],
  labels: { disk: 'ssd' },
  taints: [],
  volumes: [],
}
const wanted = {
  'node-role.kubernetes.io/control-plane': '',
  'node-role.kubernetes.io/worker': '',
  disk: 'ssd',
}

function live(labels: Record<string, string>, owned: string[] = []): KubernetesObject {
  const fields = Object.fromEntries(owned.map((key) => [`f:${key}`, {}]))
  const managedFields = [
    { manager: 'kubelet', fieldsV1: { 'f:metadata': { 'f:labels': { 'f:kubernetes.io/arch': {} } } } },
    { manager: labelManager, fieldsV1: { 'f:metadata': { 'f:labels': fields } } },
  ]
  return { apiVersion: 'v1', kind: 'Node', metadata: { name: 'kube1', uid: 'u1', labels, managedFields } }
}

test('a node carries its roles and its own labels', () => {
  expect(wantedLabels(node)).toEqual(wanted)
})

test('a node that has them, and others beside them, is left alone', () => {
  expect(labelPatch(node, live({ ...wanted, 'kubernetes.io/arch': 'arm64' }))).toBeUndefined()
})

test('a missing or different label is set on the very node that was seen, never on a new one', () => {
  expect(labelPatch(node, live({ ...wanted, disk: 'hdd' }))).toEqual({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'kube1', uid: 'u1', labels: wanted },
  })
})

test('a label that we set once and that left the configuration goes', () => {
  expect(labelPatch(node, live({ ...wanted, rack: 'a' }, ['rack', 'disk']))).toBeDefined()
  expect(labelPatch(node, live({ ...wanted, rack: 'a' }, ['disk']))).toBeUndefined()
})

test('a configured node that has not joined is missed, a host of etcd alone is not', async () => {
  const client = {
    discovery: async () => ({ find: () => ({}) }),
    list: async () => ({ items: [live(wanted)] }),
  } as unknown as ApiClient
  const nodes = [node, { ...node, name: 'e1', roles: ['etcd' as const] }, { ...node, name: 'kube2' }]
  const progress = { say: () => {}, signal: new AbortController().signal }
  const { waves, unchanged } = await nodeLabelsStep(client, { nodes, progress })
  expect([waves, unchanged.map(({ target }) => target)]).toEqual([[], ['Node kube1', 'Node kube2']])
  await expect(unchanged[1]!.verify(progress)).rejects.toThrow('node kube2 is configured but not part')
})
