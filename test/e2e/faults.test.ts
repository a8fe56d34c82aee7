import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { type ManagedFields, managedFieldsOf } from '../../tasks/lib/api/compare/managed-fields.ts'
import { planDelete } from '../../tasks/lib/api/delete.ts'
import { loadKubeconfig } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import { parentName } from '../../tasks/lib/api/sets/applyset.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { runningComponents } from '../../tasks/lib/sandbox/control-plane/control-plane.ts'
import { sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { bundledProgram } from '../support/bundled-program.ts'
import { run } from '../support/cli.ts'
import { testConfig } from '../support/config.ts'
import { codes, type Fault, type FrontRequest, openFaultyFront } from '../support/faulty-front.ts'
import { certificateUser, kubeconfigTo, openFaultyProxy } from '../support/faulty-proxy.ts'
import { object } from '../support/objects.ts'
import { applySet, blockedBy, changesOf, planOf, runStep, setOf, titles } from '../support/sets.ts'
import { twelveObjects } from '../support/twelve-objects.ts'

const sandbox = inject('sandbox')
const access = loadKubeconfig(sandbox.kubeconfig)
const namespace = 'faults-test'
const signal = new AbortController().signal
let direct: ApiClient
const closers: (() => void)[] = []

beforeAll(async () => {
  direct = await connect(sandbox.kubeconfig)
  await direct.apply(object('Namespace', namespace))
})

afterEach(() => {
  for (const close of closers.splice(0)) close()
})

afterAll(async () => {
  await direct.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  direct.close()
})

const conf = (name: string, data: Record<string, string> = { a: '1' }) =>
  object('ConfigMap', `${namespace}/${name}`, { data })

/** A set of 100 objects in two waves. */
function hundred(name: string) {
  const numbers = Array.from({ length: 50 }, (_, at) => `${name}-${at}`)
  const ports = [{ port: 80 }]
  return setOf(name, [
    ...numbers.map((last) => conf(last, { value: last })),
    ...numbers.map((last) =>
      object('Service', `${namespace}/${last}`, { spec: { ports, clusterIP: 'None' } }),
    ),
  ])
}

async function expectComplete(name: string) {
  const step = await planOf(direct, hundred(name))
  expect(step.waves).toEqual([])
  expect(step.unchanged).toHaveLength(100)
}

describe('a set is applied whole, and the next run has nothing to do, although', () => {
  test('the API server is killed in the middle and starts again', async () => {
    const client = await open(sandbox.kubeconfig)
    const step = await planOf(client, hundred('restart'))
    afterRuns(step, 30, restartApiServer)
    await runStep(step)
    await expectComplete('restart')
  })

  test('the connection is reset again and again, while planning and while applying', async () => {
    const proxy = await openFaultyProxy(Number(access.server.port))
    closers.push(() => proxy.close())
    const user = certificateUser(access)
    const kubeconfig = kubeconfigTo(`https://127.0.0.1:${proxy.port}`, {
      authority: access.authority?.text,
      user,
    })
    const client = await open(written(kubeconfig))
    const cutting = setInterval(() => proxy.cut(), 150)
    closers.push(() => clearInterval(cutting))
    await applySet(client, hundred('reset'))
    expect(proxy.connections).toBeGreaterThan(2)
    await expectComplete('reset')
  })

  const faults: [says: string, fault: (request: FrontRequest) => Fault | undefined][] = [
    ['the server sends GOAWAY', ({ number }) => (number % 20 === 19 ? { goaway: codes.none } : undefined)],
    [
      'every first write is answered with 429 and Retry-After',
      ({ method, seen }) =>
        method === 'PATCH' && seen === 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined,
    ],
    [
      'every third answer is lost after the server has done its work',
      ({ seen, number }) =>
        seen === 0 && number % 3 === 0 ? { reset: codes.internal, after: true } : undefined,
    ],
  ]
  test.each(faults)('%s', async (says, fault) => {
    const { kubeconfig, close } = await openFaultyFront(access, fault)
    closers.push(close)
    const name = says.replaceAll(/\W+/g, '-').toLowerCase().slice(0, 20)
    await applySet(await open(written(kubeconfig)), hundred(name))
    await expectComplete(name)
  })
})

describe('a webhook whose service is not up', () => {
  const hook = object('ValidatingWebhookConfiguration admissionregistration.k8s.io/v1', 'faults-test', {
    webhooks: [
      {
        name: 'hook.faults.test',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds: 1,
        clientConfig: { service: { name: 'nobody', namespace } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
      },
    ],
  })

  test('is waited for, and the object is applied when it is out of the way', async () => {
    await applySet(direct, setOf('hooked', [conf('hooked')]))
    await direct.apply(hook)
    await expect.poll(() => isRefused(conf('probe')), { timeout: 10_000 }).toBe(true)
    const step = await planOf(direct, setOf('hooked', [conf('hooked', { a: '2' }), conf('hooked-new')]))
    expect(titles(step)).toEqual([
      `update ConfigMap ${namespace}/hooked`,
      `create ConfigMap ${namespace}/hooked-new`,
    ])
    const [update] = changesOf(step)
    expect(update!.notes![0]).toMatch(
      /^compared with the manifest only: webhook hook.faults.test does not answer: /,
    )
    const said: string[] = []
    const running = runStep(step, { said })
    await expect.poll(() => said.length, { timeout: 20_000 }).toBeGreaterThan(2)
    expect(said[0]).toMatch(
      /ConfigMap faults-test\/hooked\S*: waiting for webhook hook.faults.test does not answer: /,
    )
    await direct.remove(refOf(hook))
    await running
    expect(await direct.get(refOf(conf('hooked')))).toMatchObject({ data: { a: '2' } })
    expect(
      (await planOf(direct, setOf('hooked', [conf('hooked', { a: '2' }), conf('hooked-new')]))).waves,
    ).toEqual([])
  })
})

describe('a namespace that is being deleted', () => {
  const space = object('Namespace', 'faults-leaving')
  const inside = object('ConfigMap', 'faults-leaving/inside', { data: { a: '1' } })
  const holder = object('ConfigMap', 'faults-leaving/holder', {
    metadata: { finalizers: ['faults.test/hold'] },
  })
  const letGo = () =>
    direct.patch(refOf(holder), { metadata: { finalizers: null } }, 'application/merge-patch+json')
  const set = setOf('leaving-space', [space, inside])

  test('at the time of the plan is waited for and made anew, and the plan says so', async () => {
    await applySet(direct, set)
    await direct.create(holder)
    await direct.remove(refOf(space))
    const step = await planOf(direct, set)
    const change = changesOf(step).find(({ title }) => title === 'create Namespace faults-leaving')
    expect(change!.notes).toEqual(['the old one is being deleted and goes first'])
    await runWhileHeld(step)
    expect((await planOf(direct, set)).waves).toEqual([])
  })

  test('since the plan is waited for and made anew; what was in it is named and made by the next run', async () => {
    const lost = object('ConfigMap', 'faults-leaving/more')
    const more = setOf('leaving-space', [space, inside, lost])
    const step = await planOf(direct, more)
    expect(titles(step)).toEqual(['create ConfigMap faults-leaving/more'])
    await direct.create(holder)
    await direct.remove(refOf(space))
    await expect(runWhileHeld(step)).rejects.toThrow(
      'ConfigMap faults-leaving/inside went with namespace faults-leaving, which was deleted meanwhile',
    )
    expect(await direct.get(refOf(lost))).toBeDefined()
    expect(await applySet(direct, more)).toEqual(['create ConfigMap faults-leaving/inside'])
    await direct.remove(refOf(space))
  })

  test('and that nobody makes anew blocks the plan', async () => {
    const other = object('Namespace', 'faults-dying')
    const held = { ...holder, metadata: { ...holder.metadata, namespace: 'faults-dying' } }
    await direct.apply(other)
    await direct.create(held)
    await direct.remove(refOf(other))
    const lonely = setOf('lonely', [object('ConfigMap', 'faults-dying/lonely')])
    expect(blockedBy(await planOf(direct, lonely))[0]).toMatchObject({
      message: 'ConfigMap faults-dying/lonely: namespace faults-dying is being deleted',
    })
    await direct.patch(refOf(held), { metadata: { finalizers: null } }, 'application/merge-patch+json')
  })

  async function runWhileHeld(step: Awaited<ReturnType<typeof planOf>>) {
    const said: string[] = []
    const running = runStep(step, { said })
    await expect
      .poll(() => said.join('\n'), { timeout: 20_000 })
      .toContain('waiting for Namespace faults-leaving to go')
    await letGo()
    await running
  }
})

test('an object that is deleted between plan and apply is made again', async () => {
  await applySet(direct, setOf('vanishing', [conf('vanishing')]))
  const step = await planOf(direct, setOf('vanishing', [conf('vanishing', { a: '2' })]))
  expect(titles(step)).toEqual([`update ConfigMap ${namespace}/vanishing`])
  await direct.remove(refOf(conf('vanishing')))
  await runStep(step)
  expect(await direct.get(refOf(conf('vanishing')))).toMatchObject({ data: { a: '2' } })
})

describe('killed with kill -9', () => {
  const set = twelveObjects(namespace)
  let killedApplyProgram: string
  beforeAll(async () => {
    killedApplyProgram = await bundledProgram('killed-apply')
  })

  test('at every one of twelve objects, and run again, it ends as if it had never been killed', {
    timeout: 600_000,
  }, async () => {
    await applySet(direct, set)
    const whole = await snapshot()
    expect(whole).toHaveLength(13)
    await takeAway()
    for (let at = 1; at <= 13; at++) {
      const killed = await run(process.execPath, killedApply(at))
      expect(killed.exitCode, killed.stderr).toBeNull()
      await applySet(direct, set)
      expect(await snapshot(), `killed at write ${at}`).toEqual(whole)
      expect((await planOf(direct, set)).waves).toEqual([])
      await takeAway()
    }
  })

  test('and deleted then, nothing of it is left, wherever it was killed', async () => {
    await run(process.execPath, killedApply(8))
    await takeAway()
    const objects = await Promise.all(set.objects.map(({ object }) => direct.get(refOf(object))))
    expect(objects.filter(Boolean)).toEqual([])
  })

  function killedApply(at: number): string[] {
    return [killedApplyProgram, sandbox.kubeconfig, namespace, String(at)]
  }

  /** What the server holds of the set, without what differs from one creation to the next. */
  async function snapshot() {
    const record = { apiVersion: 'v1', kind: 'Secret', name: parentName('twelve'), namespace: 'kube-system' }
    const refs = [...set.objects.map(({ object }) => refOf(object)), record]
    const objects = await Promise.all(refs.map((ref) => direct.get(ref)))
    return objects.map((object) => lasting(object!))
  }

  function lasting({ status: _status, ...object }: KubernetesObject) {
    const {
      uid: _uid,
      resourceVersion: _version,
      creationTimestamp: _time,
      generation: _generation,
      ...metadata
    } = object.metadata
    const owners = managedFieldsOf(object)
      .filter(({ manager }: ManagedFields) => manager === 'metaltasks')
      .map(({ time: _written, ...entry }) => entry)
    const { 'deployment.kubernetes.io/revision': _revision, ...annotations } = metadata.annotations ?? {}
    const spec = { ...(object.spec as object), clusterIP: undefined, clusterIPs: undefined }
    return { ...object, spec, metadata: { ...metadata, annotations, managedFields: owners } }
  }

  async function takeAway() {
    await runStep(await planDelete(direct, { name: 'twelve' }, { signal, includeCrds: true }))
  }
})

async function open(kubeconfig: string): Promise<ApiClient> {
  const client = await connect(kubeconfig)
  closers.push(() => client.close())
  return client
}

function written(kubeconfig: string): string {
  const path = join(dirname(sandbox.directory), 'faults.kubeconfig')
  writeFileSync(path, kubeconfig, { mode: 0o600 })
  return path
}

async function isRefused(object: KubernetesObject): Promise<boolean> {
  return direct.apply(object, { dryRun: true }).then(
    () => false,
    () => true,
  )
}

/** Does something once so many changes of a step have been made. */
function afterRuns(step: Awaited<ReturnType<typeof planOf>>, count: number, work: () => Promise<void>): void {
  let done = 0
  for (const change of changesOf(step)) {
    const { run } = change
    change.run = async (progress) => {
      await run(progress)
      if (++done === count) await work()
    }
  }
}

async function restartApiServer(): Promise<void> {
  const { directory } = sandbox
  process.kill((await runningComponents(directory)).get('kube-apiserver')!.pid, 'SIGKILL')
  await expect.poll(async () => (await runningComponents(directory)).has('kube-apiserver')).toBe(false)
  await sandboxUp(testConfig(dirname(directory)), { directory, signal, say: () => {} })
}
