import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { isAlreadyExists } from '../../tasks/lib/api/errors.ts'
import type { Change, Progress } from '../../tasks/lib/cli/change.ts'
import { planKeyRotation } from '../../tasks/lib/cluster/encryption/rotation.ts'
import type { RotationScene } from '../../tasks/lib/cluster/encryption/rotation-scene.ts'
import { readServers } from '../../tasks/lib/cluster/encryption/servers.ts'
import { scanSecrets } from '../../tasks/lib/cluster/encryption/stored-secrets.ts'
import type { EncryptionKey } from '../../tasks/lib/kubernetes/api-server/encryption.ts'
import { encryptionFile, secretboxKey } from '../../tasks/lib/kubernetes/api-server/encryption-file.ts'
import { type ApiServers, startApiServers } from '../support/api-servers.ts'

// Three real API servers on one real etcd; they begin anew when their file has changed, as a static pod does.
const first: EncryptionKey = { name: 'first', secret: Buffer.alloc(32, 7).toString('base64') }
const progress: Progress = { say: () => {}, signal: new AbortController().signal }
const path = '/api/v1/namespaces/default/secrets'
const secrets = new Map<string, string>()

let bed: ApiServers
let kept: EncryptionKey[] | undefined = [first]
let scene: RotationScene

beforeAll(async () => {
  bed = await startApiServers(['cp1', 'cp2', 'cp3'], { encryption: encryptionFile([secretboxKey(first)]) })
  const keys = {
    shown: 'secrets/cluster/encryption.yaml',
    kept: async () => kept,
    async keep(wanted: EncryptionKey[]) {
      kept = wanted
    },
  }
  scene = { servers: bed.servers, keys, client: async () => bed.clients[1]!, now: () => new Date() }
  for (let number = 0; number < 20; number++) await write(`secret-${number}`, number % 3)
}, 300_000)

afterAll(() => bed?.stop(), 60_000)

async function write(name: string, server: number): Promise<void> {
  const value = Buffer.from(`value of ${name}`).toString('base64')
  const body = { apiVersion: 'v1', kind: 'Secret', metadata: { name }, data: { value } }
  // A server that begins anew just now may or may not have made it.
  const make = () => bed.clients[server]!.request('POST', path, { body }).catch(unlessThere)
  await vi.waitFor(make, { timeout: 60_000, interval: 300 })
  secrets.set(name, value)
}

function unlessThere(error: unknown): void {
  if (!isAlreadyExists(error)) throw error
}

interface Listed {
  items: { metadata: { name: string }; data?: { value?: string } }[]
}

/** Asks every API server for every Secret. */
async function expectAllReadable(): Promise<void> {
  for (const client of bed.clients) {
    const { items } = await client.request<Listed>('GET', path)
    expect(new Map(items.map(({ metadata, data }) => [metadata.name, data?.value]))).toEqual(secrets)
  }
}

// A server that begins anew is no reason to fail.
async function planned(): Promise<Change[]> {
  const { steps } = await vi.waitFor(() => planKeyRotation(scene), { timeout: 90_000, interval: 500 })
  return steps.flatMap(({ waves }) => waves.flatMap(({ changes }) => changes))
}

describe('encryption:rotate', () => {
  test('F02 a rotation that dies after each of its changes leaves every Secret readable on every API server', async () => {
    const done: string[] = []
    do {
      const [next] = await planned()
      // A run of its own for each change: it makes one, and is gone.
      await next!.run(progress)
      done.push(next!.title.replaceAll(/key-\S+/g, 'KEY'))
      await write(`during-${done.length}`, done.length % 3)
      await expectAllReadable()
    } while (kept!.length > 1 || kept![0]!.name === 'first')
    expect(done).toEqual([
      'make key KEY in secrets/cluster/encryption.yaml, before any API server has it',
      ...['cp1', 'cp2', 'cp3'].map((name) => `${name}: read with KEY too, after the keys that it has`),
      ...['cp1', 'cp2', 'cp3'].map((name) => `${name}: write with KEY`),
      expect.stringMatching(/^write each of \d+ Secrets again, and see in etcd that it begins with/),
      ...['cp1', 'cp2', 'cp3'].map((name) => `${name}: keep KEY alone`),
      'take all keys but KEY out of secrets/cluster/encryption.yaml',
    ])
    const [key] = kept!
    const states = await readServers(bed.servers)
    expect(states.map(({ keys }) => keys)).toEqual(Array(3).fill([secretboxKey(key!)]))
    expect(new Set(states.map(({ loaded }) => loaded)).size).toBe(1)
    const stored = await scanSecrets(bed.servers[0]!)
    expect(new Set(stored.map(({ prefix }) => prefix))).toEqual(
      new Set([`k8s:enc:secretbox:v1:${key!.name}:`]),
    )
    expect(stored.length).toBe(secrets.size)
  }, 900_000)

  // The next three are one rotation: each begins where the one before has left it.
  test('F02 nothing goes on while an API server works with another file than it has', async () => {
    await makeUntil(/^make key/)
    bed.follow(false)
    for (const change of (await planned()).slice(0, 3)) await change.run(progress)
    const stop = new AbortController()
    const said: string[] = []
    const say = (text: string) => {
      said.push(text)
      stop.abort()
    }
    const [write] = await planned()
    expect(write!.title).toMatch(/^cp1: write with/)
    await expect(write!.run({ say, signal: stop.signal })).rejects.toThrow('abort')
    expect(said).toEqual(['waiting for the API server of cp1, cp2, cp3 to load its encryption configuration'])
    bed.follow(true)
    await expectAllReadable()
  }, 300_000)

  test('F02 an API server that nobody knows of stops it', async () => {
    const metadata = {
      name: 'apiserver-elsewhere',
      labels: { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': 'cp9' },
    }
    const spec = { renewTime: new Date().toISOString().replace('Z', '000Z'), leaseDurationSeconds: 3600 }
    const leases = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases'
    const body = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec }
    await bed.clients[0]!.request('POST', leases, { body })
    const [write] = await planned()
    await expect(write!.run(progress)).rejects.toThrow(
      'API servers that cluster.yaml does not name have been at work: cp9',
    )
    await bed.clients[0]!.request('DELETE', `${leases}/apiserver-elsewhere`)
    await expectAllReadable()
  }, 300_000)

  test('F02 the old key stays while one Secret in etcd needs it', async () => {
    const old = kept![1]!.name
    await etcd(`get ${key} --print-value-only | head -c -1 >"$file.value"`)
    await makeUntil(/^write each of/)
    const [drop] = await planned()
    expect(drop!.title).toMatch(/^cp1: keep/)
    // A Secret as somebody with the old key has written it, past all that was done.
    await etcd(`put ${key} <"$file.value"`)
    await expect(drop!.run(progress)).rejects.toThrow(
      '1 Secrets are still written with another key, default/secret-0 is the first',
    )
    const states = await readServers(bed.servers)
    expect(states.every(({ keys }) => keys.some(({ name }) => name === old))).toBe(true)
    const [again] = await planned()
    expect(again!.title).toMatch(/^write each of/)
    await makeUntil(/^take all keys/)
    await expectAllReadable()
    expect(kept).toHaveLength(1)
  }, 300_000)
})

/** Makes the changes of one run, up to the one of that title. */
async function makeUntil(title: RegExp): Promise<void> {
  for (const change of await planned()) {
    await change.run(progress)
    if (title.test(change.title)) return
  }
  throw new Error(`no change of the plan is named like ${title}`)
}

const key = '/registry/secrets/default/secret-0'

async function etcd(words: string): Promise<void> {
  const { machine, programs, file } = bed.servers[0]!
  await machine.run(`set -eu\n${programs}\nfile=${file}\netcd ${words}`)
}
