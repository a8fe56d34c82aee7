import { expect, test } from 'vitest'
import { controlPlaneTaint, taintLines, wantedTaints } from '../../tasks/lib/addons/node-taints.ts'
import { nodeTaintsStep } from '../../tasks/lib/addons/node-taints-step.ts'
import type { ClusterNode } from '../../tasks/lib/config/model.ts'

const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }
const gpu = { key: 'gpu', value: 'yes', effect: 'NoSchedule' } as const

function node(roles: ClusterNode['roles'], taints: ClusterNode['taints'] = []): ClusterNode {
  return { name: 'cp1', roles, taints, labels: {}, volumes: [] }
}

test.each<[string, ClusterNode, (typeof notReady)[], string[]]>([
  [
    'a control plane keeps its taint',
    node(['control-plane']),
    [controlPlaneTaint],
    taintLines([controlPlaneTaint]),
  ],
  [
    'a control plane that is a worker too loses it',
    node(['control-plane', 'worker']),
    [controlPlaneTaint],
    [],
  ],
  [
    'what others set stays',
    node(['worker'], [gpu]),
    [notReady],
    ['gpu=yes:NoSchedule', 'node.kubernetes.io/not-ready:NoExecute'],
  ],
  ['a value is changed', node(['worker'], [gpu]), [{ ...gpu, value: 'no' } as never], ['gpu=yes:NoSchedule']],
])('%s', (_what, configured, present, lines) => {
  expect(taintLines(wantedTaints(configured, present))).toEqual(lines)
})

test('taints are written for the very object that was read, and once', async () => {
  const live = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'cp1', resourceVersion: '7' },
    spec: { taints: [controlPlaneTaint] },
  }
  const sent: unknown[] = []
  const client = {
    discovery: async () => ({ find: () => ({}) }),
    list: async () => ({ items: [live] }),
    patch: async (...words: unknown[]) => sent.push(...words),
  }
  const options = {
    nodes: [node(['control-plane', 'worker'])],
    progress: { say: () => {}, signal: new AbortController().signal },
  }
  const { waves } = await nodeTaintsStep(client as never, options)
  await waves[0]!.changes[0]!.run(options.progress)
  expect(sent[1]).toEqual({ metadata: { resourceVersion: '7' }, spec: { taints: [] } })
  live.spec.taints = []
  expect((await nodeTaintsStep(client as never, options)).waves).toEqual([])
})
