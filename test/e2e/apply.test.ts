import { basename } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { managedFieldsOf } from '../../tasks/lib/api/compare/managed-fields.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { kubectlWith } from '../support/kubectl.ts'
import { object } from '../support/objects.ts'
import { applySet, blockedBy, changesOf, planOf, runStep, setOf, titles } from '../support/sets.ts'

const { kubeconfig } = inject('sandbox')
const kubectl = kubectlWith(inject('kubectl'), kubeconfig)
const namespace = 'apply-test'
let client: ApiClient

beforeAll(async () => {
  client = await connect(kubeconfig)
  await client.apply(object('Namespace', namespace))
})

afterAll(async () => {
  await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  client.close()
})

const conf = (name: string, data: Record<string, unknown> = { a: '1' }) =>
  object('ConfigMap', `${namespace}/${name}`, { data })

function deployment(name: string, spec: Record<string, unknown> = {}) {
  const labels = { app: name }
  const containers = [
    {
      name: 'app',
      image: 'app:1',
      ports: [{ containerPort: 80 }],
      resources: { requests: { cpu: 0.1, memory: '1024Mi' } },
    },
  ]
  const template = { metadata: { labels }, spec: { containers } }
  return object('Deployment apps/v1', `${namespace}/${name}`, {
    spec: { selector: { matchLabels: labels }, template, ...spec },
  })
}

async function writesOf(work: () => Promise<unknown>): Promise<number> {
  const before = client.counts.writes
  await work()
  return client.counts.writes - before
}

describe('a set', () => {
  const objects = [
    object('Namespace', 'apply-fresh'),
    object('Secret', 'apply-fresh/pass', { stringData: { key: 'hunter2' } }),
    object('Service', 'apply-fresh/web', { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } }),
    { ...deployment('web'), metadata: { name: 'web', namespace: 'apply-fresh' } },
  ]
  const set = setOf('apply-fresh', objects)

  test('waits for its namespace and its kinds before anything in them', async () => {
    const { waves } = await planOf(client, set)
    const gated = waves.filter(({ gate }) => gate).flatMap(({ changes }) => changes.map(({ title }) => title))
    expect(gated).toEqual(['create Namespace apply-fresh'])
  })

  test('is created with its namespace in one run, and becomes ready', async () => {
    expect(await applySet(client, set)).toEqual([
      'create Namespace apply-fresh',
      'create Secret apply-fresh/pass',
      'create Service apply-fresh/web',
      'create Deployment apply-fresh/web',
    ])
  })

  test('needs no write when it is applied again, quantities in other words included', async () => {
    expect(await writesOf(() => applySet(client, set))).toBe(0)
    const step = await planOf(client, set)
    expect(step.waves).toEqual([])
    expect(step.unchanged.map(({ target }) => target).sort()).toEqual([
      'Deployment apply-fresh/web',
      'Namespace apply-fresh',
      'Secret apply-fresh/pass',
      'Service apply-fresh/web',
    ])
  })

  test('writes only the object that changed, and shows what the server will store', async () => {
    const [first, , ...rest] = objects
    const secret = object('Secret', 'apply-fresh/pass', { stringData: { key: 'other' } })
    const step = await planOf(client, setOf('apply-fresh', [first!, secret, ...rest]))
    expect(titles(step)).toEqual(['update Secret apply-fresh/pass'])
    const [change] = changesOf(step)
    const [before, after] = [change!.before, change!.after].map((lines) =>
      lines.find((line) => line.includes('key:')),
    )
    expect(before).toMatch(/^ {2}key: \(masked\) [0-9a-f]{8}$/)
    expect(after).toMatch(/^ {2}key: \(masked\) [0-9a-f]{8}$/)
    expect(after).not.toBe(before)
    expect(await writesOf(() => runStep(step))).toBe(1)
  })

  test('shows that it was changed by hand and puts it right', async () => {
    await kubectl(['-n', 'apply-fresh', 'label', 'service', 'web', 'team=a'])
    expect(await applySet(client, setOf('apply-fresh', objects))).toEqual(['update Secret apply-fresh/pass'])
    await kubectl(['-n', 'apply-fresh', 'delete', 'service', 'web'])
    expect(await applySet(client, set)).toEqual(['create Service apply-fresh/web'])
  })
})

test('a kind and an object of it are created in one run, and changed in the next', async () => {
  const definition = object('CustomResourceDefinition apiextensions.k8s.io/v1', 'widgets.apply.test', {
    spec: {
      group: 'apply.test',
      scope: 'Namespaced',
      names: { kind: 'Widget', plural: 'widgets' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
        },
      ],
    },
  })
  const widget = (size: number) => object('Widget apply.test/v1', `${namespace}/small`, { spec: { size } })
  expect(await applySet(client, setOf('widgets', [widget(1), definition]))).toEqual([
    'create CustomResourceDefinition widgets.apply.test',
    `create Widget ${namespace}/small`,
  ])
  expect(await writesOf(() => applySet(client, setOf('widgets', [widget(1), definition])))).toBe(0)
  expect(await applySet(client, setOf('widgets', [widget(2), definition]))).toEqual([
    `update Widget ${namespace}/small`,
  ])
  await client.remove(refOf(definition))
})

describe('fields of another manager', () => {
  const set = (replicas: number) => setOf('shared', [deployment('shared', { replicas })])

  test('are a conflict that names field, owner and both values, and nothing is changed', async () => {
    await applySet(client, set(1))
    await kubectl(['-n', namespace, 'scale', 'deployment', 'shared', '--replicas=3'])
    const [finding] = blockedBy(await planOf(client, set(2)))
    // kubectl takes the name of its own file for a manager's.
    const manager = basename(inject('kubectl'))
    expect(finding).toMatchObject({
      message: `Deployment ${namespace}/shared: spec.replicas belongs to ${manager}: 3 there, 2 in the manifest`,
      hint: 'to take over, type: tasks apply shared --force-conflicts; else leave it out of the manifest',
      file: 'manifests/shared.yaml',
    })
  })

  test('are taken over when that is asked for', async () => {
    expect(await applySet(client, set(2), { forceConflicts: true })).toEqual([
      `update Deployment ${namespace}/shared`,
    ])
    const live = await client.get(refOf(deployment('shared')))
    expect(live).toMatchObject({ spec: { replicas: 2 } })
    expect(await writesOf(() => applySet(client, set(2)))).toBe(0)
  })
})

describe('an object from earlier times', () => {
  test('applied by kubectl is taken over, and what has left the manifest since goes', async () => {
    const old = conf('kubectl', { a: '1', gone: 'x' })
    await kubectl(['apply', '-f', '-'], JSON.stringify(old))
    const set = setOf('kubectl', [conf('kubectl', { a: '2' })])
    const step = await planOf(client, set)
    expect(titles(step)).toEqual([`adopt ConfigMap ${namespace}/kubectl`])
    const [change] = changesOf(step).filter(({ action }) => action === 'adopt')
    expect(change!.before).toContain('  gone: x')
    expect(change!.after.join('\n')).not.toContain('gone')
    await runStep(step)
    const live = await client.get(refOf(old))
    expect(live).toMatchObject({ data: { a: '2' } })
    expect(live!.data).not.toHaveProperty('gone')
    expect(managedFieldsOf(live!).map(({ manager }) => manager)).toEqual(['metaltasks'])
    expect(await writesOf(() => applySet(client, set))).toBe(0)
  })

  test('without managers is taken over as it is, and keeps what the manifest does not speak of', async () => {
    const old = conf('unowned', { a: '1', kept: 'x' })
    await client.create(old)
    await client.patch(
      refOf(old),
      [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }],
      'application/json-patch+json',
    )
    await applySet(client, setOf('unowned', [conf('unowned', { a: '2' })]))
    expect(await client.get(refOf(old))).toMatchObject({ data: { a: '2', kept: 'x' } })
  })

  test('made by hand is adopted, and the plan shows what changes', async () => {
    await client.create(conf('by-hand', { a: '1', mine: 'x' }), { fieldManager: 'by-hand' })
    const set = setOf('by-hand', [conf('by-hand', { a: '1', b: '2' })])
    const step = await planOf(client, set)
    expect(titles(step)).toEqual([`adopt ConfigMap ${namespace}/by-hand`])
    const [, change] = changesOf(step)
    const added = change!.after.filter((line) => !change!.before.includes(line))
    expect(added.filter((line) => !line.includes('applyset') && !line.includes('labels'))).toEqual([
      '  b: "2"',
    ])
    await runStep(step)
    expect(await client.get(refOf(conf('by-hand')))).toMatchObject({ data: { a: '1', b: '2', mine: 'x' } })
  })
})

describe('a field that cannot change', () => {
  function wanted(app: string): KubernetesObject {
    const { spec, ...rest } = deployment('fixed') as KubernetesObject & { spec: Record<string, object> }
    const labels = { app }
    const template = { ...spec.template, metadata: { labels } }
    return { ...rest, spec: { ...spec, selector: { matchLabels: labels }, template } }
  }

  test('is named with file, line, both values and what to type', async () => {
    await applySet(client, setOf('fixed', [wanted('a')]))
    const [finding] = blockedBy(await planOf(client, setOf('fixed', [wanted('b')])))
    expect(finding).toEqual({
      severity: 'error',
      message: `Deployment ${namespace}/fixed: cannot change spec.selector.matchLabels.app from "a" to "b"`,
      hint: `to delete it and make it anew, type: tasks apply fixed --replace Deployment/${namespace}/fixed`,
      file: 'manifests/fixed.yaml',
      line: 10 + 'spec.selector.matchLabels.app'.length,
    })
  })

  test('is changed by deleting the object and making it anew, when that is asked for', async () => {
    const before = await client.get(refOf(wanted('a')))
    expect(await applySet(client, setOf('fixed', [wanted('b')]), { replace: ['deployment/fixed'] })).toEqual([
      `replace Deployment ${namespace}/fixed`,
    ])
    const after = await client.get(refOf(wanted('b')))
    expect(after!.metadata.uid).not.toBe(before!.metadata.uid)
    expect(after).toMatchObject({ spec: { selector: { matchLabels: { app: 'b' } } } })
  })

  test('of a PersistentVolume is never changed that way', async () => {
    const volume = (path: string) =>
      object('PersistentVolume', 'apply-test-pv', {
        spec: { capacity: { storage: '1Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path } },
      })
    await applySet(client, setOf('volume', [volume('/a')]))
    const step = await planOf(client, setOf('volume', [volume('/b')]), {
      replace: ['PersistentVolume/apply-test-pv'],
    })
    expect(blockedBy(step)[0]).toMatchObject({
      hint: 'put the old value back, or give the PersistentVolume another name',
    })
    await client.remove(refOf(volume('/a')))
  })
})

describe('what the server refuses', () => {
  test('is told with the field and its line, before anything is changed', async () => {
    await applySet(client, setOf('refused', [conf('refused')]))
    const wrong = conf('refused', { a: 1 })
    const [finding] = blockedBy(await planOf(client, setOf('refused', [wrong])))
    expect(finding!.message).toContain(`ConfigMap ${namespace}/refused: `)
    expect(finding!.message).toContain('.data.a: expected string')
    expect(finding!.line).toBe(10 + 'data.a'.length)
  })

  test('of a Secret is told without its value', async () => {
    const secret = (value: unknown) => object('Secret', `${namespace}/typed`, { stringData: { pin: value } })
    await applySet(client, setOf('typed', [secret('x')]))
    const [finding] = blockedBy(await planOf(client, setOf('typed', [secret(424242)])))
    expect(finding!.message).toContain('stringData.pin')
    expect(JSON.stringify(finding)).not.toContain('424242')
  })

  test('because it has no such kind is in the plan, with the version that it has', async () => {
    const old = object('Ingress extensions/v1beta1', `${namespace}/old`)
    expect(blockedBy(await planOf(client, setOf('old', [old])))[0]).toMatchObject({
      message: `Ingress ${namespace}/old: the server has no kind Ingress in extensions/v1beta1`,
      hint: 'the server has Ingress in networking.k8s.io/v1',
    })
  })

  test('because there is no such namespace is in the plan', async () => {
    const lost = object('ConfigMap', 'nowhere/conf')
    expect(blockedBy(await planOf(client, setOf('lost', [lost])))[0]).toMatchObject({
      message: 'ConfigMap nowhere/conf: namespace nowhere does not exist',
    })
  })
})

test('an object that depends on another is applied when that is ready', async () => {
  const on = `batch/namespaces/${namespace}/Job/first`
  const pod = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] }
  const job = object('Job batch/v1', `${namespace}/first`, { spec: { template: { spec: pod } } })
  const metadata = { annotations: { 'config.kubernetes.io/depends-on': on } }
  const later = object('ConfigMap', `${namespace}/later`, { metadata })
  const step = await planOf(client, setOf('chain', [later, job]))
  expect(titles(step)).toEqual([`create Job ${namespace}/first`, `create ConfigMap ${namespace}/later`])
  await runStep(step)
  const [done, made] = await Promise.all([client.get(refOf(job)), client.get(refOf(later))])
  const { completionTime } = done!.status as { completionTime: string }
  expect(Date.parse(String(made!.metadata.creationTimestamp))).toBeGreaterThanOrEqual(
    Date.parse(completionTime),
  )
})

test('a Job that goes away when it is done runs once', async () => {
  const pod = { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] }
  const spec = { ttlSecondsAfterFinished: 0, template: { spec: pod } }
  const set = setOf('once', [object('Job batch/v1', `${namespace}/once`, { spec })])
  expect(await applySet(client, set)).toEqual([`create Job ${namespace}/once`])
  await expect.poll(() => client.get(refOf(set.objects[0]!.object)), { timeout: 20_000 }).toBeUndefined()
  expect(await writesOf(() => applySet(client, set))).toBe(0)
})
