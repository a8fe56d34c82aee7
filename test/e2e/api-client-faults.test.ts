import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type ApiClient, type ConnectOptions, connect } from '../../tasks/lib/api/client.ts'
import { isAlreadyExists, NoAnswerError } from '../../tasks/lib/api/errors.ts'
import { loadKubeconfig } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import { refOf } from '../../tasks/lib/api/resource.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { runningComponents } from '../../tasks/lib/sandbox/control-plane/control-plane.ts'
import { sandboxUp } from '../../tasks/lib/sandbox/sandbox.ts'
import { testConfig } from '../support/config.ts'
import { codes, type Fault, type FrontRequest, openFaultyFront } from '../support/faulty-front.ts'
import { certificateUser, type FaultyProxy, kubeconfigTo, openFaultyProxy } from '../support/faulty-proxy.ts'

const sandbox = inject('sandbox')
const access = loadKubeconfig(sandbox.kubeconfig)
const namespace = 'api-client-faults'

let direct: ApiClient
let clients: ApiClient[] = []
let closers: (() => void)[] = []

beforeAll(async () => {
  direct = await connect(sandbox.kubeconfig)
  await direct.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})

afterAll(async () => {
  for (const object of [throttledSchema(), throttledLevel(), throttledRights()])
    await direct.remove(refOf(object))
  await direct.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  direct.close()
})

beforeEach(() => () => {
  for (const client of clients) client.close()
  for (const close of closers) close()
  clients = []
  closers = []
})

describe('500 objects are all there, each as it was sent, although', () => {
  test.each(['SIGKILL', 'SIGTERM'] as const)(
    'the API server ends with %s and starts again',
    async (signal) => {
      const said: string[] = []
      const client = await open(sandbox.kubeconfig, { say: (text) => said.push(text) })
      const objects = configMaps(signal, 500)
      await applyAll(client, objects, async (done) => {
        if (done === 100) await restartApiServer(signal)
      })
      await expectStored(objects)
      if (signal === 'SIGKILL')
        expect(said[0]).toBe(`API server ${access.server.origin} does not answer, trying again (0 s)`)
    },
  )

  test('the connection is reset three times', async () => {
    const { client, proxy } = await throughProxy()
    const objects = configMaps('reset', 500)
    await applyAll(client, objects, (done) => {
      if (done % 120 === 100) proxy.cut()
    })
    await expectStored(objects)
    expect(proxy.connections).toBeGreaterThan(3)
  })

  test('nobody listens for two seconds', async () => {
    const { client, proxy } = await throughProxy()
    const objects = configMaps('refused', 500)
    await applyAll(client, objects, async (done) => {
      if (done !== 100) return
      proxy.refuse()
      await new Promise((resolve) => setTimeout(resolve, 2000))
      await proxy.allow()
    })
    await expectStored(objects)
  })

  test.each<[string, (request: FrontRequest) => Fault | undefined]>([
    [
      'GOAWAY ends the connection in peace',
      ({ number }) => (number % 100 === 50 ? { goaway: codes.none } : undefined),
    ],
    [
      'GOAWAY ends the connection with an error',
      ({ number }) => (number % 100 === 50 ? { goaway: codes.internal } : undefined),
    ],
    [
      'streams are refused',
      ({ seen, number }) => (seen === 0 && number % 3 === 0 ? { reset: codes.refused } : undefined),
    ],
    [
      'streams end with a protocol error',
      ({ seen, number }) => (seen === 0 && number % 3 === 0 ? { reset: codes.protocol } : undefined),
    ],
    [
      'answers are lost',
      ({ seen, number }) =>
        seen === 0 && number % 3 === 0 ? { reset: codes.internal, after: true } : undefined,
    ],
    [
      'each is answered with 429 first',
      ({ seen }) => (seen === 0 ? { status: 429, headers: { 'retry-after': '1' } } : undefined),
    ],
    [
      'the store changes its leader',
      ({ seen }) => (seen === 0 ? { status: 500, ...status('etcdserver: leader changed') } : undefined),
    ],
  ])('%s', async (_case, fault) => {
    const { client, requests } = await throughFront(({ method, ...request }) =>
      method === 'PATCH' ? fault({ method, ...request }) : undefined,
    )
    const objects = configMaps('front', 500)
    await applyAll(client, objects)
    await expectStored(objects)
    expect(requests.length).toBeGreaterThan(500)
    expect(client.counts.writes).toBe(500)
  })
})

describe('a watch', () => {
  test('from a version that the server forgot lists again, and tells what vanished meanwhile', async () => {
    const [vanished, remaining] = configMaps('watch', 2)
    const known = [await direct.apply(vanished!), await direct.apply(remaining!)]
    const resource = (await direct.discovery()).find('v1', 'ConfigMap')!
    const { resourceVersion } = await direct.list(resource, { namespace })
    await direct.remove(refOf(vanished!))
    await direct.apply({ ...remaining!, data: { key: 'changed' } })
    // It then knows nothing older than its start.
    await restartApiServer('SIGKILL')
    const stop = new AbortController()
    const options = { namespace, labelSelector: 'set=watch', resourceVersion, known, signal: stop.signal }
    const seen: string[] = []
    for await (const { type, object } of direct.watch(resource, options)) {
      seen.push(`${type} ${object.metadata.name}`)
      if (type === 'DELETED') stop.abort()
    }
    expect(seen).toEqual(['MODIFIED watch-1', 'DELETED watch-0'])
  })
})

describe('an object is created exactly once', () => {
  const lost: Fault = { reset: codes.internal, after: true }

  test('although the answers to 100 creations got lost', async () => {
    const { client, requests } = await throughFront(({ method }) => (method === 'POST' ? lost : undefined))
    const objects = configMaps('lost-answer', 100)
    await Promise.all(objects.map((object) => client.create(object)))
    await expectStored(objects)
    expect(requests.filter(({ method }) => method === 'POST')).toHaveLength(100)
  })

  test('although 100 creations never arrived', async () => {
    const refused: Fault = { reset: codes.internal }
    const { client } = await throughFront(({ method, seen, number }) =>
      method === 'POST' && number % 2 === 0 && seen < 150 ? refused : undefined,
    )
    const objects = configMaps('lost-request', 100)
    await Promise.all(objects.map((object) => client.create(object)))
    await expectStored(objects)
  })

  test('and another one of the same name is not taken for it', async () => {
    const [object] = configMaps('other', 1)
    await direct.create(object!)
    const { client } = await throughFront(({ method }) => (method === 'POST' ? lost : undefined))
    const different = { ...object!, data: { key: 'other value' } }
    const error = await client.create(different).catch((error: unknown) => error)
    expect(isAlreadyExists(error)).toBe(true)
    await expectStored([object!])
  })
})

describe('a server that is slow', () => {
  test('is waited for within the deadline', async () => {
    const { client } = await throughFront(({ method }) =>
      method === 'PATCH' ? { delayMs: 1500 } : undefined,
    )
    const objects = configMaps('slow', 40)
    await applyAll(client, objects)
    await expectStored(objects)
  })

  test('is given up after the deadline, with what is known', async () => {
    const { client } = await throughFront(({ path }) =>
      path === '/version' ? { delayMs: 60_000 } : undefined,
    )
    const error = await client
      .request('GET', '/version', { timeoutSeconds: 1, idempotent: false })
      .catch((error: unknown) => error)
    expect(error).toBeInstanceOf(NoAnswerError)
    expect((error as Error).message).toBe(`API server ${client.server} gave no answer within 1 s`)
  })

  test('is asked again when an attempt took too long', async () => {
    const { client } = await throughFront(({ path, seen }) =>
      path === '/version' && seen === 0 ? { delayMs: 60_000 } : undefined,
    )
    const version = await client.request<{ major: string }>('GET', '/version', { timeoutSeconds: 1 })
    expect(version.major).toBe('1')
  })

  test('and vanished from the network is found again over a new connection', async () => {
    const { client, proxy } = await throughProxy()
    await client.request('GET', '/version')
    proxy.freeze()
    await client.request('GET', '/version', { timeoutSeconds: 60 })
    expect(proxy.connections).toBe(2)
  })
})

describe('a server that does not come', () => {
  test('is named when the patience ends, and nothing was sent', async () => {
    const { client, proxy } = await throughProxy({ patienceSeconds: 6 })
    proxy.refuse()
    const error = await client.request('GET', '/version').catch((error: unknown) => error)
    expect(error).toMatchObject({ sent: false })
    expect((error as Error).message).toMatch(
      /^API server https:\/\/127\.0\.0\.1:\d+ does not answer: connect ECONNREFUSED/,
    )
  })

  test('is not waited for any longer once the run is stopped, and what was in flight ended', async () => {
    const { client, proxy, stop } = await throughProxy()
    const objects = configMaps('stopped', 1000)
    let answered = 0
    const settled = await Promise.allSettled(
      objects.map(async (object) => {
        await client.apply(object)
        if (++answered === 50) stop.abort(new Error('stopped by the operator'))
      }),
    )
    const stored = await storedNames('stopped')
    const done = objects
      .filter((_, i) => settled[i]!.status === 'fulfilled')
      .map(({ metadata }) => metadata.name)
    expect(stored.toSorted()).toEqual(done.toSorted())
    expect(done.length).toBeLessThan(1000)
    proxy.refuse()
    await expect(client.request('GET', '/version')).rejects.toThrow('stopped by the operator')
  })
})

describe('API Priority and Fairness', () => {
  test('that rejects most requests only slows the client down', async () => {
    await direct.apply(throttledLevel())
    await direct.apply(throttledSchema())
    await direct.apply(throttledRights())
    const user = { ...certificateUser(access), as: 'throttled' }
    const config = kubeconfigTo(sandbox.server, { authority: access.authority?.text, user })
    const client = await open(writeConfig(config))
    const objects = configMaps('throttled', 500)
    await expect.poll(() => isThrottled(client)).toBe(true)
    await applyAll(client, objects)
    await expectStored(objects)
    expect(await rejections()).toBeGreaterThan(0)
  })
})

async function open(kubeconfig: string, options: ConnectOptions = {}): Promise<ApiClient> {
  const client = await connect(kubeconfig, options)
  clients.push(client)
  return client
}

async function throughProxy(options: ConnectOptions = {}) {
  const proxy: FaultyProxy = await openFaultyProxy(Number(access.server.port))
  closers.push(() => proxy.close())
  const server = `https://127.0.0.1:${proxy.port}`
  const authority = access.authority?.text
  const stop = new AbortController()
  const kubeconfig = writeConfig(kubeconfigTo(server, { authority, user: certificateUser(access) }))
  return { proxy, stop, client: await open(kubeconfig, { ...options, signal: stop.signal }) }
}

async function throughFront(fault: (request: FrontRequest) => Fault | undefined) {
  const { kubeconfig, requests, close } = await openFaultyFront(access, fault)
  closers.push(close)
  return { client: await open(writeConfig(kubeconfig)), requests }
}

function writeConfig(text: string): string {
  const path = join(dirname(sandbox.directory), 'api-client.kubeconfig')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

function configMaps(set: string, count: number): KubernetesObject[] {
  const name = set.toLowerCase()
  return Array.from({ length: count }, (_, i) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: `${name}-${i}`, namespace, labels: { set: name } },
    data: { key: `value ${i}`, text: 'ä\n'.repeat(i % 7) },
  }))
}

/** Applies side by side; `after` hears how many are done. */
async function applyAll(
  client: ApiClient,
  objects: KubernetesObject[],
  after: (done: number) => Promise<void> | void = () => {},
): Promise<void> {
  await client.discovery()
  let done = 0
  await Promise.all(
    objects.map(async (object) => {
      await client.apply(object)
      await after(++done)
    }),
  )
}

async function expectStored(objects: KubernetesObject[]): Promise<void> {
  const set = objects[0]!.metadata.labels!.set!
  const stored = await list(set)
  const plain = ({ metadata, data }: KubernetesObject) => ({
    name: metadata.name,
    labels: metadata.labels,
    data,
  })
  const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name)
  expect(stored.map(plain).toSorted(byName)).toEqual(objects.map(plain).toSorted(byName))
  await Promise.all(
    objects.map(({ metadata }) => direct.remove({ apiVersion: 'v1', kind: 'ConfigMap', ...metadata })),
  )
}

async function list(set: string): Promise<KubernetesObject[]> {
  const kinds = await direct.discovery()
  const { items } = await direct.list(kinds.find('v1', 'ConfigMap')!, {
    namespace,
    labelSelector: `set=${set}`,
  })
  return items
}

async function storedNames(set: string): Promise<string[]> {
  return (await list(set)).map(({ metadata }) => metadata.name)
}

async function restartApiServer(signal: NodeJS.Signals): Promise<void> {
  const isRunning = async () => (await runningComponents(sandbox.directory)).get('kube-apiserver')
  process.kill((await isRunning())!.pid, signal)
  for (let tries = 0; await isRunning(); tries++) {
    // In peace it waits a minute for all watches to end.
    if (tries === 30) process.kill((await isRunning())!.pid, 'SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  const { directory } = sandbox
  const progress = { directory, signal: new AbortController().signal, say: () => {} }
  await sandboxUp(testConfig(dirname(directory)), progress)
}

function status(message: string): { body: string; headers: Record<string, string> } {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', message })
  return { body, headers: { 'content-type': 'application/json' } }
}

const flowcontrol = 'flowcontrol.apiserver.k8s.io/v1'

function throttledLevel(): KubernetesObject {
  const limited = { nominalConcurrencyShares: 1, lendablePercent: 0, borrowingLimitPercent: 0 }
  return {
    apiVersion: flowcontrol,
    kind: 'PriorityLevelConfiguration',
    metadata: { name: 'throttled' },
    spec: { type: 'Limited', limited: { ...limited, limitResponse: { type: 'Reject' } } },
  }
}

function throttledSchema(): KubernetesObject {
  const everything = {
    verbs: ['*'],
    apiGroups: ['*'],
    resources: ['*'],
    namespaces: ['*'],
    clusterScope: true,
  }
  const rules = [
    {
      subjects: [{ kind: 'User', user: { name: 'throttled' } }],
      resourceRules: [everything],
      nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
    },
  ]
  return {
    apiVersion: flowcontrol,
    kind: 'FlowSchema',
    metadata: { name: 'throttled' },
    spec: { matchingPrecedence: 5, priorityLevelConfiguration: { name: 'throttled' }, rules },
  }
}

function throttledRights(): KubernetesObject {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'throttled' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'throttled' }],
  }
}

/** The schema is in force once the server counts requests under it. */
async function isThrottled(client: ApiClient): Promise<boolean> {
  await client.request('GET', '/version')
  return (await metric('apiserver_flowcontrol_dispatched_requests_total')) > 0
}

function rejections(): Promise<number> {
  return metric('apiserver_flowcontrol_rejected_requests_total')
}

async function metric(name: string): Promise<number> {
  const text = await direct.request<string>('GET', '/metrics', { accept: 'text/plain' })
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes('priority_level="throttled"'))
    .reduce((sum, line) => sum + Number(line.split(' ')[1]), 0)
}
