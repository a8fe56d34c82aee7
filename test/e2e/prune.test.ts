import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { type DeleteOptions, planDelete } from '../../tasks/lib/api/delete.ts'
import { planSets } from '../../tasks/lib/api/plan.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import { applySetId, parentName } from '../../tasks/lib/api/sets/applyset.ts'
import type { Finding } from '../../tasks/lib/cli/errors.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { kubectlWith } from '../support/kubectl.ts'
import { object } from '../support/objects.ts'
import { applySet, blockedBy, changesOf, planOf, runStep, setOf, titles } from '../support/sets.ts'

const { kubeconfig } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const namespace = 'prune-test'
const signal = new AbortController().signal
let client: ApiClient

beforeAll(async () => {
  client = await connect(kubeconfig)
  await client.apply(object('Namespace', namespace))
})

afterAll(async () => {
  await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  client.close()
})

const conf = (name: string) => object('ConfigMap', `${namespace}/${name}`, { data: { a: '1' } })
const confs = (...names: string[]) => names.map(conf)
const many = (prefix: string) =>
  confs(...['1', '2', '3', '4', '5', '6', '7', '8'].map((name) => `${prefix}-${name}`))
const exists = async (object: KubernetesObject) => (await client.get(refOf(object))) !== undefined
const recordOf = (set: string) =>
  client.get({ apiVersion: 'v1', kind: 'Secret', name: parentName(set), namespace: 'kube-system' })

async function deletion(name: string, options: Partial<DeleteOptions> = {}) {
  return planDelete(client, { name }, { signal, ...options })
}

describe('an object that has left the files', () => {
  test('is deleted by the next apply, shown in the plan, and the record forgets its kind', async () => {
    const account = object('ServiceAccount', `${namespace}/leaving`)
    await applySet(client, setOf('leaving', [...many('leaving'), account]))
    const step = await planOf(client, setOf('leaving', many('leaving')))
    expect(titles(step)).toEqual([`delete ServiceAccount ${namespace}/leaving`])
    expect(changesOf(step)[0]!.before).toContain('  name: leaving')
    await runStep(step)
    expect(await exists(account)).toBe(false)
    const kinds = (await recordOf('leaving'))!.metadata.annotations![
      'applyset.kubernetes.io/contains-group-kinds'
    ]
    expect(kinds).toBe('ConfigMap')
    expect((await planOf(client, setOf('leaving', many('leaving')))).waves).toEqual([])
  })

  test('stays with --no-prune, and is still the set’s', async () => {
    await applySet(client, setOf('staying', many('staying')))
    const fewer = setOf('staying', many('staying').slice(1))
    expect((await planOf(client, fewer, { prune: false })).waves).toEqual([])
    expect(titles(await planOf(client, fewer))).toEqual([`delete ConfigMap ${namespace}/staying-1`])
  })

  test('stays when another has its name since the plan', async () => {
    await applySet(client, setOf('renewed', many('renewed')))
    const step = await planOf(client, setOf('renewed', many('renewed').slice(1)))
    await client.remove(refOf(conf('renewed-1')))
    await client.create(conf('renewed-1'))
    await expect(runStep(step)).rejects.toThrow(
      `ConfigMap ${namespace}/renewed-1 was deleted and made anew since the plan; it was left alone`,
    )
    expect(await exists(conf('renewed-1'))).toBe(true)
  })

  test('is not deleted when it is only named in another version', async () => {
    const scaler = (version: string) =>
      object(`HorizontalPodAutoscaler autoscaling/${version}`, `${namespace}/scaler`, {
        spec: { maxReplicas: 2, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x' } },
      })
    await applySet(client, setOf('versions', [scaler('v2')]))
    const step = await planOf(client, setOf('versions', [scaler('v1')]))
    expect(titles(step).filter((title) => title.startsWith('delete'))).toEqual([])
  })
})

describe('deleting is refused', () => {
  test('for more than a fifth of a set, unless that is asked for', async () => {
    await applySet(client, setOf('shrinking', many('shrinking')))
    const smaller = setOf('shrinking', many('shrinking').slice(0, 5))
    const [finding] = blockedBy(await planOf(client, smaller))
    expect(finding).toMatchObject({
      message: '3 of the 8 objects of shrinking would be deleted: more than a fifth',
      hint: 'if that is meant, add --prune-many; to keep them, --no-prune',
    })
    expect(await applySet(client, smaller, { pruneMany: true })).toHaveLength(3)
  })

  test('for a set that renders to nothing', async () => {
    await applySet(client, setOf('empty', confs('empty')))
    await expect(planOf(client, setOf('empty', []))).rejects.toThrow('manifests/empty.yaml holds no objects')
    expect(await exists(conf('empty'))).toBe(true)
  })

  test('for a set of the same name from another place', async () => {
    await applySet(client, setOf('placed', confs('placed-1')))
    const elsewhere = setOf('placed', confs('placed-2'), '/srv/other/placed')
    await expect(planOf(client, elsewhere)).rejects.toThrow(
      'the set placed was applied from manifests/placed.yaml, not from /srv/other/placed',
    )
    expect(titles(await planOf(client, elsewhere, { moved: true }))).toEqual([
      `create ConfigMap ${namespace}/placed-2`,
      `delete ConfigMap ${namespace}/placed-1`,
    ])
  })

  test('for a volume and a namespace without their flags, and the plan says so', async () => {
    const claim = object('PersistentVolumeClaim', `${namespace}/data`, {
      spec: {
        storageClassName: 'none',
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '1Gi' } },
      },
    })
    const own = object('Namespace', 'prune-test-own')
    const step = await planOf(client, setOf('keeping', [...many('keeping'), claim, own]))
    for (const { changes } of step.waves)
      for (const change of changes) await change.run({ say: () => {}, signal })
    const findings: Finding[] = []
    const next = await planOf(client, setOf('keeping', many('keeping')), { findings })
    expect(next.waves).toEqual([])
    expect(findings.map(({ message }) => message).sort()).toEqual([
      'Namespace prune-test-own is not in manifests/keeping.yaml any more and stays: deleting it takes --include-namespaces',
      `PersistentVolumeClaim ${namespace}/data is not in manifests/keeping.yaml any more and stays: deleting it takes --include-volumes`,
    ])
    const all = await planOf(client, setOf('keeping', many('keeping')), {
      includeNamespaces: true,
      includeVolumes: true,
    })
    expect(titles(all)).toEqual([
      `delete PersistentVolumeClaim ${namespace}/data`,
      'delete Namespace prune-test-own',
    ])
    await runStep(all)
    expect(await exists(claim)).toBe(false)
  })
})

describe('an object of another set', () => {
  test('is refused, and taken when its own set is applied without it in the same run', async () => {
    await applySet(client, setOf('giver', many('giver')))
    const taker = setOf('taker', confs('giver-1'))
    expect(blockedBy(await planOf(client, taker))[0]).toMatchObject({
      message: `ConfigMap ${namespace}/giver-1 belongs to the set giver`,
      hint: 'remove it from giver and apply both in one run: tasks apply giver taker',
    })
    const { uid } = (await client.get(refOf(conf('giver-1'))))!.metadata
    const steps = await planSets(client, [setOf('giver', many('giver').slice(1)), taker], { signal })
    expect(steps.flatMap(titles)).toEqual([`adopt ConfigMap ${namespace}/giver-1`])
    for (const step of steps) await runStep(step)
    expect((await client.get(refOf(conf('giver-1'))))!.metadata.uid).toBe(uid)
    expect((await planOf(client, taker)).waves).toEqual([])
  })

  test('of another tool is refused', async () => {
    const labels = { 'applyset.kubernetes.io/part-of': 'applyset-abc-v1' }
    await client.create(object('ConfigMap', `${namespace}/foreign`, { metadata: { labels } }), {
      fieldManager: 'helm',
    })
    expect(blockedBy(await planOf(client, setOf('thief', confs('foreign'))))[0]!.message).toBe(
      `ConfigMap ${namespace}/foreign belongs to another tool's set, applyset-abc-v1`,
    )
  })

  test('of this tool whose record is lost is taken again', async () => {
    await applySet(client, setOf('lost', confs('lost')))
    await client.remove(refOf((await recordOf('lost'))!))
    expect(titles(await planOf(client, setOf('found', confs('lost'))))).toEqual([
      `adopt ConfigMap ${namespace}/lost`,
    ])
  })
})

test('a set’s id is the one that kubectl gives to the same parent', async () => {
  const args = [
    'apply',
    '--server-side',
    '--prune',
    '--applyset=secret/by-kubectl',
    '-n',
    namespace,
    '-f',
    '-',
  ]
  await kubectl(args, JSON.stringify(conf('by-kubectl')), { KUBECTL_APPLYSET: 'true' })
  const parent = await client.get({ apiVersion: 'v1', kind: 'Secret', name: 'by-kubectl', namespace })
  expect(parent!.metadata.labels!['applyset.kubernetes.io/id']).toBe(applySetId('by-kubectl', namespace))
})

describe('deleting a set', () => {
  const objects = [
    object('Namespace', 'prune-test-whole'),
    object('ConfigMap', 'prune-test-whole/a'),
    conf('whole'),
  ]

  test('takes its members away in reverse order, but not what needs a flag, and can be finished later', async () => {
    await applySet(client, setOf('whole', objects))
    const findings: Finding[] = []
    const step = await deletion('whole', { findings })
    expect(titles(step)).toEqual([
      'delete ConfigMap prune-test-whole/a',
      `delete ConfigMap ${namespace}/whole`,
    ])
    expect(findings[0]!.message).toBe(
      'Namespace prune-test-whole stays: deleting it takes --include-namespaces',
    )
    await runStep(step)
    const rest = await deletion('whole', { includeNamespaces: true })
    expect(titles(rest)).toEqual([
      'delete Namespace prune-test-whole',
      'delete Secret kube-system/metaltasks-whole',
    ])
    await runStep(rest)
    expect(await exists(objects[0]!)).toBe(false)
    expect(await recordOf('whole')).toBeUndefined()
  })

  test('refuses when the name is that of a set from another place', async () => {
    await applySet(client, setOf('mistaken', confs('mistaken')))
    const target = { name: 'mistaken', source: '/srv/other/mistaken' }
    await expect(planDelete(client, target, { signal })).rejects.toThrow(
      'the set mistaken was applied from manifests/mistaken.yaml, not from /srv/other/mistaken; nothing was deleted',
    )
  })

  test('has nothing to do the second time', async () => {
    expect((await deletion('whole', { includeNamespaces: true })).waves).toEqual([])
  })

  test('finds the members by the files when the record is lost, and leaves alone what is not of the set', async () => {
    await applySet(client, setOf('unrecorded', confs('unrecorded')))
    await client.create(conf('unrecorded-alien'))
    await client.remove(refOf((await recordOf('unrecorded'))!))
    const { objects } = setOf('unrecorded', confs('unrecorded', 'unrecorded-alien'))
    const step = await planDelete(client, { name: 'unrecorded', objects }, { signal })
    expect(titles(step)).toEqual([`delete ConfigMap ${namespace}/unrecorded`])
  })

  test('refuses a namespace that holds more than the set, until the name is typed', async () => {
    const own = object('Namespace', 'prune-test-shared')
    await applySet(client, setOf('shared-space', [own]))
    await client.create(object('ConfigMap', 'prune-test-shared/alien'))
    const flags = { includeNamespaces: true }
    expect(blockedBy(await deletion('shared-space', flags))[0]).toMatchObject({
      message:
        'Namespace prune-test-shared holds what is not deleted by name: ConfigMap prune-test-shared/alien',
      hint: 'move it, delete it first, or add --confirm shared-space',
    })
    const confirmed = await deletion('shared-space', { ...flags, confirmed: true })
    expect(changesOf(confirmed)[0]!.notes).toEqual([
      'Namespace prune-test-shared holds what is not deleted by name: ConfigMap prune-test-shared/alien',
    ])
  })

  test('refuses a namespace with a volume claim, even when the name is typed', async () => {
    await client.create(
      object('PersistentVolumeClaim', 'prune-test-shared/data', {
        spec: {
          storageClassName: 'none',
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: '1Gi' } },
        },
      }),
    )
    const step = await deletion('shared-space', { includeNamespaces: true, confirmed: true })
    expect(blockedBy(step)[0]).toMatchObject({
      message: 'Namespace prune-test-shared holds volumes: PersistentVolumeClaim prune-test-shared/data',
    })
    await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: 'prune-test-shared' })
  })

  test('refuses a kind that has objects outside the set', async () => {
    const definition = object('CustomResourceDefinition apiextensions.k8s.io/v1', 'gadgets.prune.test', {
      spec: {
        group: 'prune.test',
        scope: 'Namespaced',
        names: { kind: 'Gadget', plural: 'gadgets' },
        versions: [
          { name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
        ],
      },
    })
    await applySet(client, setOf('gadgets', [definition]))
    const gadget = object('Gadget prune.test/v1', `${namespace}/mine`)
    // A new kind is discovered a moment after it is established.
    await expect.poll(() => client.create(gadget).then(Boolean, () => false), { timeout: 10_000 }).toBe(true)
    const flags = { includeCrds: true }
    expect(blockedBy(await deletion('gadgets', flags))[0]!.message).toBe(
      `CustomResourceDefinition gadgets.prune.test holds what is not deleted by name: Gadget ${namespace}/mine`,
    )
    await client.remove(refOf(gadget))
    await runStep(await deletion('gadgets', flags))
    expect(await exists(definition)).toBe(false)
  })

  test('names the finalizer that holds an object', async () => {
    const held = object('ConfigMap', `${namespace}/held`, { metadata: { finalizers: ['prune.test/hold'] } })
    await applySet(client, setOf('held', [held]))
    const said: string[] = []
    const step = await deletion('held')
    await expect(runStep(step, { said, seconds: 2 })).rejects.toThrow(
      `ConfigMap ${namespace}/held is still there: being deleted, held by prune.test/hold`,
    )
    expect(said).toContain(
      `waiting for ConfigMap ${namespace}/held to go: being deleted, held by prune.test/hold`,
    )
    await client.patch(refOf(held), { metadata: { finalizers: null } }, 'application/merge-patch+json')
  })
})
