import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { addressAnnotation, simulatedAnnotation } from '../../tasks/lib/sandbox/nodes.ts'
import { type Ran, runTasks } from '../support/cli.ts'
import { object } from '../support/objects.ts'
import { applySet, setOf } from '../support/sets.ts'

const { kubeconfig } = inject('sandbox')
const namespace = 'drain-test'
const root = mkdtempSync(join(tmpdir(), 'drain-'))
let client: ApiClient

// Nodes of their own: what other tests left elsewhere does not count.
const nodes = ['drain-1', 'drain-2'].map((name, index) =>
  object('Node', name, {
    metadata: {
      annotations: { [simulatedAnnotation]: 'fake', [addressAnnotation]: `192.0.2.${250 + index}` },
      labels: { 'kubernetes.io/hostname': name, drain: 'test' },
    },
    spec: { taints: [{ key: 'drain', value: 'test', effect: 'NoSchedule' }] },
  }),
)

const pod = {
  nodeSelector: { drain: 'test' },
  tolerations: [{ key: 'drain', operator: 'Exists' }],
  containers: [{ name: 'app', image: 'app:1' }],
}

function workload(type: string, name: string, spec: object = {}): KubernetesObject {
  return object(type, `${namespace}/${name}`, {
    spec: {
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { ...pod, ...spec } },
      ...(type.startsWith('Deployment') && { replicas: 3 }),
    },
  })
}

beforeAll(async () => {
  writeFileSync(join(root, '.env'), `K8S_NODES="drain-1 drain-2"\nK8S_KUBECONFIG=${kubeconfig}\n`)
  client = await connect(kubeconfig)
  for (const node of nodes) await client.create(node)
  const set = [
    object('Namespace', namespace),
    workload('DaemonSet apps/v1', 'everywhere'),
    workload('Deployment apps/v1', 'web', { volumes: [{ name: 'cache', emptyDir: {} }] }),
    object('PodDisruptionBudget policy/v1', `${namespace}/web`, {
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    }),
  ]
  await applySet(client, setOf('drain-test', set))
})

afterAll(async () => {
  await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  for (const { metadata } of nodes)
    await client.remove({ apiVersion: 'v1', kind: 'Node', name: metadata.name })
  client.close()
  rmSync(root, { recursive: true, force: true })
})

function tasks(...args: string[]): Promise<Ran> {
  return runTasks(args, { cwd: root, env: { K8S_NODES: undefined, KUBECONFIG: undefined, NODE: undefined } })
}

async function podsOn(node: string): Promise<string[]> {
  const resource = (await client.discovery()).find('v1', 'Pod')!
  const { items } = await client.list(resource, { namespace, fieldSelector: `spec.nodeName=${node}` })
  return items.map(({ metadata }) => metadata.labels?.app ?? metadata.name).sort()
}

/** How many pods the budget keeps. */
async function allow(minAvailable: number | string): Promise<void> {
  const ref = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', name: 'web', namespace }
  await client.patch(ref, { spec: { minAvailable } }, 'application/merge-patch+json')
  const allowed = minAvailable === 2 ? 1 : 0
  await expect
    .poll(async () => (await client.get(ref))?.status, { timeout: 20_000 })
    .toMatchObject({ disruptionsAllowed: allowed })
}

async function isCordoned(node: string): Promise<boolean> {
  const live = await client.get({ apiVersion: 'v1', kind: 'Node', name: node })
  const { unschedulable } = live!.spec as { unschedulable?: boolean }
  return Boolean(unschedulable)
}

test('a node is emptied one pod after the other where a budget says so; pods of DaemonSets stay', async () => {
  // All three on one node, so that the budget has to be waited for.
  const first = await tasks('node:drain', 'drain-2', '--yes')
  expect(first.exitCode, first.stderr).toBe(0)
  expect((await tasks('node:drain', 'drain-2', '--undo', '--yes')).exitCode).toBe(0)
  expect(await podsOn('drain-1')).toEqual(['everywhere', 'web', 'web', 'web'])

  const plan = await tasks('node:drain', 'drain-1', '--dry-run')
  expect(plan.stdout).toContain('cordon Node drain-1')
  expect(plan.stdout).toContain('evict 3 pods from drain-1')
  expect(plan.stderr).toMatch(/emptyDir is lost: drain-test\/web-\S+ \(cache\)/)
  expect(await isCordoned('drain-1')).toBe(false)

  const ran = await tasks('node:drain', 'drain-1', '--yes')
  expect(ran.exitCode, ran.stderr).toBe(0)
  expect(await podsOn('drain-1')).toEqual(['everywhere'])
  expect(await podsOn('drain-2')).toEqual(['everywhere', 'web', 'web', 'web'])
  const again = await tasks('node:drain', 'drain-1', '--json')
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'done', changes: [] })
  expect((await tasks('node:drain', 'drain-1', '--undo', '--yes')).exitCode).toBe(0)
  expect(await isCordoned('drain-1')).toBe(false)
})

test('a budget that allows nothing is named, in the plan and when time is up; what has left stays away', async () => {
  await allow('100%')
  const ran = await tasks('node:drain', 'drain-2', '--yes', '--timeout', '3')
  expect(ran.exitCode).toBe(1)
  expect(ran.stderr).toContain('these budgets allow no eviction now: draining waits for them: drain-test/web')
  expect(ran.stderr).toMatch(
    /drain-2 is not empty after 3 s; still there: drain-test\/web-\S+ may not go yet/,
  )
  expect(await podsOn('drain-2')).toEqual(['everywhere', 'web', 'web', 'web'])
  await allow(2)
  expect((await tasks('node:drain', 'drain-2', '--yes')).exitCode).toBe(0)
  expect((await tasks('node:drain', 'drain-2', '--undo', '--yes')).exitCode).toBe(0)
})

test('a pod that nobody makes again leaves with --force only', async () => {
  await applySet(
    client,
    setOf('drain-alone', [object('Pod', `${namespace}/alone`, { spec: { ...pod, nodeName: 'drain-1' } })]),
  )
  const refused = await tasks('node:drain', 'drain-1', '--yes')
  expect(refused.exitCode).toBe(1)
  expect(refused.stderr).toContain('on drain-1, drain-test/alone belongs to no controller')
  expect(await isCordoned('drain-1')).toBe(false)
  const forced = await tasks('node:drain', 'drain-1', '--yes', '--force')
  expect(forced.exitCode, forced.stderr).toBe(0)
  expect(await podsOn('drain-1')).not.toContain('alone')
})
