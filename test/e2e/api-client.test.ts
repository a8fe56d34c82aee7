import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { type ApiClient, type ConnectOptions, connect } from '../../tasks/lib/api/client.ts'
import { isConflict, isForbidden, isNotFound } from '../../tasks/lib/api/errors.ts'
import { loadKubeconfig } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import { createDiscovery } from '../../tasks/lib/api/objects/discovery.ts'
import type { WatchEvent } from '../../tasks/lib/api/objects/watch.ts'
import type { TaskError } from '../../tasks/lib/cli/errors.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import {
  certificateUser,
  kubeconfigTo,
  openConnectProxy,
  openFaultyProxy,
  openOldBalancer,
} from '../support/faulty-proxy.ts'

const sandbox = inject('sandbox')
const folder = dirname(sandbox.directory)
const access = loadKubeconfig(sandbox.kubeconfig)
const authority = access.authority?.text
const namespace = 'api-client'

let client: ApiClient
let closers: (() => void)[] = []

beforeAll(async () => {
  client = await connect(sandbox.kubeconfig)
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
})

afterAll(async () => {
  await client.remove({ apiVersion: 'v1', kind: 'Namespace', name: namespace })
  client.close()
})

beforeEach(() => () => {
  for (const close of closers.toReversed()) close()
  closers = []
})

describe('discovery', () => {
  test('finds the kinds that kubectl lists', async () => {
    const kinds = await client.discovery()
    const ours = kinds
      .all()
      .map(({ group, version, name, kind, namespaced }) =>
        [name, group ? `${group}/${version}` : version, namespaced, kind].join(' '),
      )
    const listed = await run(
      inject('kubectl'),
      '--kubeconfig',
      sandbox.kubeconfig,
      'api-resources',
      '--no-headers',
    )
    const theirs = listed
      .trim()
      .split('\n')
      .map((line) => line.split(/ +/))
    for (const fields of theirs) expect(ours).toContain([fields[0], ...fields.slice(-3)].join(' '))
    expect(theirs.length).toBeGreaterThan(50)
  })

  test('finds the same where the server does not aggregate', async () => {
    const plain: ApiClient['request'] = (method, path, options) =>
      client.request(method, path, { ...options, accept: 'application/json' })
    const old = await createDiscovery({ request: plain })
    const sorted = (kinds: typeof old) =>
      kinds
        .all()
        .map((kind) => JSON.stringify({ ...kind, verbs: kind.verbs.toSorted() }))
        .toSorted()
    expect(sorted(old)).toEqual(sorted(await client.discovery()))
  })

  test('finds a kind that came with a CustomResourceDefinition, whose large numbers stay exact', async () => {
    await client.apply(counterDefinition())
    const counter = {
      ...object('Counter', 'big'),
      apiVersion: 'test.metaltasks.dev/v1',
      spec: { value: 9007199254740993n },
    }
    await expect
      .poll(() => client.apply(counter).then(({ spec }) => spec, String), { timeout: 15_000 })
      .toEqual(counter.spec)
    expect(await client.get(refTo('Counter', 'big', 'test.metaltasks.dev/v1'))).toMatchObject({
      spec: counter.spec,
    })
    await client.remove({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      name: 'counters.test.metaltasks.dev',
    })
  })

  test('says of an unknown kind what to do', async () => {
    expect(await client.get(refTo('Nothing', 'x', 'nowhere/v1'))).toBeUndefined()
    expect(await client.remove(refTo('Nothing', 'x', 'nowhere/v1'))).toBe(false)
    const error = await failure(client.apply({ ...object('Nothing', 'x'), apiVersion: 'nowhere/v1' }))
    expect(error.message).toBe(`Nothing ${namespace}/x: the server does not know kind Nothing of nowhere/v1`)
    expect(error.findings[0]!.hint).toContain('kubectl api-resources')
  })
})

describe('an object', () => {
  test('is created, read, patched, replaced and deleted', async () => {
    const created = await client.create(configMap('life', { a: '1' }))
    expect(await client.get(refTo('ConfigMap', 'life'))).toEqual(created)
    const merge = 'application/merge-patch+json'
    await client.patch(refTo('ConfigMap', 'life'), { data: { b: '2' } }, merge)
    expect(await dataOf('life')).toEqual({ a: '1', b: '2' })
    await client.replace(configMap('life', { c: '3' }))
    expect(await dataOf('life')).toEqual({ c: '3' })
    expect(isConflict(await failure(client.replace(created)))).toBe(true)
    expect(await client.remove(refTo('ConfigMap', 'life'))).toBe(true)
    expect(await client.remove(refTo('ConfigMap', 'life'))).toBe(false)
    expect(await client.get(refTo('ConfigMap', 'life'))).toBeUndefined()
  })

  test('is deleted only as the one that was meant', async () => {
    const { metadata } = await client.apply(configMap('meant', {}))
    const error = await failure(client.remove(refTo('ConfigMap', 'meant'), { uid: 'another' }))
    expect(isConflict(error)).toBe(true)
    expect(await client.remove(refTo('ConfigMap', 'meant'), { uid: String(metadata.uid) })).toBe(true)
  })

  test('is not applied with an unknown field, nor over another manager', async () => {
    const unknown = await failure(client.apply({ ...configMap('strict', {}), dta: {} }))
    expect(unknown).toMatchObject({ ref: refTo('ConfigMap', 'strict') })
    expect(unknown.message).toContain('.dta: field not declared in schema')
    await client.apply(configMap('strict', { a: '1' }), { fieldManager: 'other' })
    const conflict = await failure(client.apply(configMap('strict', { a: '2' })))
    expect(conflict).toMatchObject({
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict', field: '.data.a' }] },
    })
    await client.apply(configMap('strict', { a: '2' }), { force: true })
    expect(await dataOf('strict')).toEqual({ a: '2' })
  })

  test('is gone through and not stored by a dry run, which is no write', async () => {
    const other = await open(sandbox.kubeconfig)
    await other.apply(configMap('dry', { a: '1' }), { dryRun: true })
    await other.create(configMap('dry', { a: '1' }), { dryRun: true })
    expect(await other.get(refTo('ConfigMap', 'dry'))).toBeUndefined()
    expect(other.counts).toEqual({ reads: 3, writes: 0, dryRuns: 2 })
  })

  test('has no log unless it is a pod that is there', async () => {
    const error = await failure(client.logs(namespace, 'no-pod', { tailLines: 5 }))
    expect(isNotFound(error)).toBe(true)
    expect(error.message).toBe('pods "no-pod" not found')
  })
})

describe('a list', () => {
  test('comes page by page and whole, each object with its kind', async () => {
    const names = Array.from({ length: 23 }, (_, i) => `page-${i}`)
    await Promise.all(names.map((name) => client.apply(labelled(name, 'page'))))
    const before = client.counts.reads
    const { items, resourceVersion } = await client.list(await kind('ConfigMap'), {
      namespace,
      labelSelector: 'set=page',
      limit: 5,
    })
    expect(client.counts.reads - before).toBe(5)
    expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(names.toSorted())
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { key: 'value' } })
    expect(Number(resourceVersion)).toBeGreaterThan(0)
  })

  test('of metadata alone holds nothing else', async () => {
    await client.apply(labelled('meta', 'meta'))
    const { items } = await client.list(await kind('ConfigMap'), {
      namespace,
      labelSelector: 'set=meta',
      metadataOnly: true,
    })
    expect(items).toHaveLength(1)
    expect(Object.keys(items[0]!).toSorted()).toEqual(['apiVersion', 'kind', 'metadata'])
    expect(items[0]!.kind).toBe('ConfigMap')
  })

  test('can be narrowed by a field', async () => {
    await client.apply(configMap('one-of-many', {}))
    const { items } = await client.list(await kind('ConfigMap'), {
      namespace,
      fieldSelector: 'metadata.name=one-of-many',
    })
    expect(items).toHaveLength(1)
  })
})

describe('a watch', () => {
  test('tells what is there and what becomes of it', async () => {
    await client.apply(labelled('before', 'watch'))
    const watch = await watching(client, { labelSelector: 'set=watch' })
    await watch.sees('ADDED before')
    await client.apply(labelled('after', 'watch'))
    await client.apply({ ...labelled('after', 'watch'), data: { key: 'new' } })
    await client.remove(refTo('ConfigMap', 'before'))
    await watch.sees('DELETED before')
    expect(await watch.end()).toEqual(['ADDED before', 'ADDED after', 'MODIFIED after', 'DELETED before'])
  })

  test('of one name tells of no other', async () => {
    const watch = await watching(client, { name: 'only' })
    await client.apply(configMap('other', {}))
    await client.apply(configMap('only', {}))
    await watch.sees('ADDED only')
    expect(await watch.end()).toEqual(['ADDED only'])
  })

  test('loses nothing when its connection is cut and the server is away for a while', async () => {
    const proxy = await openFaultyProxy(Number(access.server.port))
    closers.push(() => proxy.close())
    const through = await open(config(`https://127.0.0.1:${proxy.port}`))
    await client.apply(labelled('cut-0', 'cut'))
    const watch = await watching(through, { labelSelector: 'set=cut' })
    await watch.sees('ADDED cut-0')
    proxy.refuse()
    await client.apply(labelled('cut-1', 'cut'))
    await client.remove(refTo('ConfigMap', 'cut-0'))
    await proxy.allow()
    await watch.sees('DELETED cut-0')
    proxy.cut()
    await client.apply(labelled('cut-2', 'cut'))
    await watch.sees('ADDED cut-2')
    expect(await watch.end()).toEqual(['ADDED cut-0', 'ADDED cut-1', 'DELETED cut-0', 'ADDED cut-2'])
  })

  test('ends with an error where it is not allowed', async () => {
    const user = { ...certificateUser(access), as: 'nobody' }
    const nobody = await open(writeConfig(kubeconfigTo(sandbox.server, { authority, user })))
    const watch = nobody.watch(await kind('Secret'), { namespace, signal: new AbortController().signal })
    const error = await failure(watch[Symbol.asyncIterator]().next())
    expect(isForbidden(error)).toBe(true)
  })
})

describe('a server without HTTP/2', () => {
  test('behind kubectl proxy, over plain HTTP, does the same', async () => {
    const { origin, stop } = await kubectlProxy()
    closers.push(stop)
    await workThrough(await open(writeConfig(kubeconfigTo(origin))), 'kubectl-proxy')
  })

  test('behind an old balancer does the same, also after the balancer cut its connections', async () => {
    const balancer = await openOldBalancer(access)
    closers.push(balancer.close)
    const { certificate } = balancer.certificates.authority
    const through = await open(
      writeConfig(kubeconfigTo(`https://127.0.0.1:${balancer.port}`, { authority: certificate })),
    )
    await workThrough(through, 'balancer')
    balancer.cut()
    await workThrough(through, 'balancer-cut', balancer.cut)
  })
})

describe('the way to the server', () => {
  test('leads through a CONNECT proxy with a password', async () => {
    const proxy = await openConnectProxy()
    closers.push(proxy.close)
    const cluster = { 'proxy-url': `http://anna:p%40ss@127.0.0.1:${proxy.port}` }
    const through = await open(config(sandbox.server, { cluster }))
    await workThrough(through, 'tunnel')
    expect(proxy.tunnels).toEqual([
      `${access.server.host} Basic ${Buffer.from('anna:p@ss').toString('base64')}`,
    ])
  })

  test('is verified under another name with tls-server-name', async () => {
    const through = await open(
      config(sandbox.server, { cluster: { 'tls-server-name': 'kubernetes.default' } }),
    )
    expect(await through.request('GET', '/version')).toMatchObject({ major: '1' })
  })

  test.each([
    [
      { 'tls-server-name': 'other.lan' },
      true,
      'use a server address that its certificate names, or set tls-server-name in the kubeconfig',
    ],
    [
      {},
      false,
      'set certificate-authority-data in the kubeconfig to the authority that signed the server certificate',
    ],
  ])('is refused with %j and its authority known: %s', async (cluster, isKnown, hint) => {
    const path = writeConfig(
      kubeconfigTo(sandbox.server, { authority: isKnown ? authority : undefined, cluster }),
    )
    const error = await failure((await open(path)).request('GET', '/version'))
    expect(error.message).toContain(`no secure connection to API server ${access.server.origin}: `)
    expect(error.findings[0]!.hint).toBe(hint)
  })

  test('is not verified where the kubeconfig says so', async () => {
    const cluster = { 'insecure-skip-tls-verify': true }
    const user = certificateUser(access)
    const through = await open(writeConfig(kubeconfigTo(sandbox.server, { cluster, user })))
    expect(await through.request('GET', '/version')).toMatchObject({ major: '1' })
    expect(through.findings).toHaveLength(1)
  })
})

describe('what answers', () => {
  test('and is no API server is said so', async () => {
    const server = createServer((_request, response) => response.end('<html>')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const other = await open(writeConfig(kubeconfigTo(`http://127.0.0.1:${port}`)))
    expect((await failure(other.discovery())).message).toMatch(/^what answers \/apis? is not an API server$/)
  })
})

describe('a server that refuses everybody', () => {
  test('is asked again while it has never said yes: it may have been started a moment before', async () => {
    let asked = 0
    const refusal = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'Forbidden', code: 403 }
    const server = createServer((_request, response) => {
      asked++
      response.writeHead(asked <= 2 ? 403 : 200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(asked <= 2 ? refusal : { kind: 'APIVersions', versions: ['v1'] }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    closers.push(() => server.close())
    const { port } = server.address() as AddressInfo
    const other = await open(writeConfig(kubeconfigTo(`http://127.0.0.1:${port}`)))
    expect(await other.request('GET', '/api')).toMatchObject({ versions: ['v1'] })
    expect(asked).toBe(3)
  })
})

describe('who asks', () => {
  test('is the one impersonated, with all groups', async () => {
    const user = { ...certificateUser(access), as: 'anna', 'as-groups': ['team a', 'team b'] }
    expect(await whoAmI(user)).toMatchObject({
      username: 'anna',
      groups: ['team a', 'team b', 'system:authenticated'],
    })
  })

  test('is the service account of a token file, also after the token in it was changed', async () => {
    const tokenFile = join(folder, 'token')
    writeFileSync(tokenFile, await serviceAccountToken('first'))
    const through = await open(config(sandbox.server, { user: { tokenFile } }))
    expect(await userOf(through)).toMatchObject({ username: `system:serviceaccount:${namespace}:first` })
    writeFileSync(tokenFile, await serviceAccountToken('second'))
    await client.remove(refTo('ServiceAccount', 'first'))
    // The server knows a good token for some seconds after its account is gone.
    const username = async () => (await userOf(through)).username
    await expect
      .poll(username, { timeout: 30_000, interval: 500 })
      .toBe(`system:serviceaccount:${namespace}:second`)
  })

  test('is the one whose token an exec plugin gives', async () => {
    const command = join(folder, 'plugin')
    const credential = {
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      status: { token: await serviceAccountToken('plugin') },
    }
    writeFileSync(command, `#!/bin/sh\necho '${JSON.stringify(credential)}'\n`)
    chmodSync(command, 0o700)
    const exec = { apiVersion: credential.apiVersion, command, interactiveMode: 'Never' }
    expect(await whoAmI({ exec })).toMatchObject({ username: `system:serviceaccount:${namespace}:plugin` })
  })

  test('is told when the server does not accept the credentials', async () => {
    const path = config(sandbox.server, { user: { token: 'wrong-token' } })
    const error = await failure((await open(path)).request('GET', '/api'))
    expect(error).toMatchObject({ status: 401, reason: 'Unauthorized' })
    expect(error.findings[0]!.hint).toBe(
      `the server does not accept context "test" of ${path}: get new credentials for it, then try again`,
    )
  })
})

async function open(kubeconfig: string, options: ConnectOptions = {}): Promise<ApiClient> {
  const opened = await connect(kubeconfig, options)
  closers.push(() => opened.close())
  return opened
}

function config(
  server: string,
  { cluster, user = certificateUser(access) }: { cluster?: object; user?: object } = {},
): string {
  return writeConfig(kubeconfigTo(server, { authority, cluster, user }))
}

function writeConfig(text: string): string {
  const path = join(folder, 'api-client.kubeconfig')
  writeFileSync(path, text, { mode: 0o600 })
  return path
}

function object(kind: string, name: string): KubernetesObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace } }
}

function configMap(name: string, data: Record<string, string>): KubernetesObject {
  return { ...object('ConfigMap', name), data }
}

function labelled(name: string, set: string): KubernetesObject {
  return { ...configMap(name, { key: 'value' }), metadata: { name, namespace, labels: { set } } }
}

function refTo(kind: string, name: string, apiVersion = 'v1') {
  return { apiVersion, kind, name, namespace }
}

async function kind(name: string) {
  return (await client.discovery()).find('v1', name)!
}

async function dataOf(name: string): Promise<unknown> {
  return (await client.get(refTo('ConfigMap', name)))?.data
}

async function failure(work: Promise<unknown>): Promise<TaskError> {
  return work.then(
    (value) => {
      throw new Error(`no error but ${JSON.stringify(value)}`)
    },
    (error: TaskError) => error,
  )
}

/** Collects the events of a watch on ConfigMaps as "ADDED name". */
async function watching(by: ApiClient, options: { labelSelector?: string; name?: string }) {
  const stop = new AbortController()
  const seen: string[] = []
  const events: AsyncIterable<WatchEvent> = by.watch(await kind('ConfigMap'), {
    namespace,
    ...options,
    signal: stop.signal,
  })
  const done = (async () => {
    for await (const { type, object } of events)
      if (type !== 'BOOKMARK') seen.push(`${type} ${object.metadata.name}`)
  })()
  return {
    sees: (event: string) => expect.poll(() => seen, { timeout: 30_000 }).toContain(event),
    async end() {
      stop.abort()
      await done
      return seen
    },
  }
}

/** Everything a run needs of a connection, more of it side by side than HTTP/1.1 has connections for. */
async function workThrough(through: ApiClient, set: string, trouble: () => void = () => {}): Promise<void> {
  const watch = await watching(through, { labelSelector: `set=${set}` })
  const names = Array.from({ length: 60 }, (_, i) => `${set}-${i}`)
  const applied = names.map((name, i) => through.apply(labelled(name, set)).then(() => i === 20 && trouble()))
  await Promise.all(applied)
  const { items } = await through.list(await kind('ConfigMap'), { namespace, labelSelector: `set=${set}` })
  expect(items.map(({ metadata }) => metadata.name).toSorted()).toEqual(names.toSorted())
  for (const name of names) await watch.sees(`ADDED ${name}`)
  expect((await watch.end()).toSorted()).toEqual(names.map((name) => `ADDED ${name}`).toSorted())
}

async function kubectlProxy(): Promise<{ origin: string; stop(): void }> {
  const child = spawn(inject('kubectl'), ['--kubeconfig', sandbox.kubeconfig, 'proxy', '--port=0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout, 'data')
  return { origin: `http://${String(line).match(/[\d.]+:\d+/)![0]}`, stop: () => child.kill() }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  for await (const chunk of child.stdout) output += chunk
  return output
}

async function whoAmI(user: object): Promise<Record<string, unknown>> {
  return userOf(await open(config(sandbox.server, { user })))
}

async function userOf(by: ApiClient): Promise<Record<string, unknown>> {
  const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' }
  const answer = await by.request<{ status: { userInfo: Record<string, unknown> } }>('POST', path, { body })
  return answer.status.userInfo
}

async function serviceAccountToken(name: string): Promise<string> {
  await client.apply(object('ServiceAccount', name))
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
  const answer = await client.request<{ status: { token: string } }>('POST', path, { body })
  return answer.status.token
}

function counterDefinition(): KubernetesObject {
  const value = { type: 'integer', format: 'int64' }
  const spec = { type: 'object', properties: { value } }
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec } } }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'counters.test.metaltasks.dev' },
    spec: {
      group: 'test.metaltasks.dev',
      names: { kind: 'Counter', plural: 'counters' },
      scope: 'Namespaced',
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
}
