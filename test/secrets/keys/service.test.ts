import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, stat, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createHttp2 } from 'node:http2'
import { type AddressInfo, connect, type NetConnectOpts, type Server } from 'node:net'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { KeyError, KeyPlaces } from '../../../tasks/lib/secrets/keys/key-source.ts'
import { createKeyring } from '../../../tasks/lib/secrets/keys/keyring.ts'
import type { MasterKey } from '../../../tasks/lib/secrets/keys/master-key.ts'
import { createServiceKeys } from '../../../tasks/lib/secrets/keys/service/service.ts'
import { temporaryFolder, writeScript } from '../../support/folder.ts'
import { freshAgeKey, noKeys, sops } from '../../support/sops.ts'

const dataKey = new Uint8Array(randomBytes(32))
const { recipient, identity } = freshAgeKey()
const age: MasterKey = { type: 'age', recipient }

describe('sops keyservice', () => {
  test('wraps and opens a data key', async () => {
    const keys = createServiceKeys(await placesWithSops())
    const enc = await keys.wrap(age, dataKey)
    expect(enc).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/)
    expect(await keys.unwrap({ ...age, enc })).toEqual(Buffer.from(dataKey))
  })

  test('is started once, in a folder that nobody else may enter, and ends with the run', async () => {
    const { stop, ...places } = await placesWithSops()
    const keys = createServiceKeys(places)
    await Promise.all([keys.wrap(age, dataKey), createServiceKeys(places).wrap(age, dataKey)])
    const [folder, ...others] = await socketFolders(places)
    expect(others).toEqual([])
    expect((await stat(folder!)).mode & 0o777).toBe(0o700)
    stop()
    await vi.waitFor(async () => expect(await socketFolders(places)).toEqual([]), 5000)
    expect(existsSync(folder!)).toBe(false)
  })

  test('does not outlive a run that is killed', async () => {
    const places = await placesWithSops()
    const script = join(places.folder, 'run.mts')
    const source = new URL('../../../tasks/lib/secrets/keys/service/service.ts', import.meta.url)
    await writeFile(
      script,
      `const { createServiceKeys } = await import(${JSON.stringify(source.pathname)})
      const places = { environment: process.env, publicKeys: [] }
      await createServiceKeys(places).wrap(${JSON.stringify(age)}, new Uint8Array(32))
      console.log('ready')
      setInterval(() => {}, 1000)`,
    )
    const child = spawn(process.execPath, ['--import', 'tsx', script], { env: places.environment })
    await new Promise((resolve) => child.stdout.on('data', resolve))
    expect(await socketFolders(places)).toHaveLength(1)
    child.kill('SIGKILL')
    await vi.waitFor(async () => expect(await socketFolders(places)).toEqual([]), 5000)
  })

  test('says what the real Vault client says', async () => {
    const vault = await listening(
      createServer((_, response) => {
        response.writeHead(403, { 'content-type': 'application/json' })
        response.end('{"errors":["permission denied: 1 % of ünlucky"]}')
      }),
    )
    const address = `http://127.0.0.1:${vault}`
    const keys = createServiceKeys(await placesWithSops({ VAULT_TOKEN: 'x', VAULT_MAX_RETRIES: '0' }))
    const key = { type: 'hc_vault', address, enginePath: 'transit', keyName: 'mine' } as const
    const error = await failure(keys.wrap(key, dataKey))
    expect(error.message).toMatch(/^sops keyservice: failed to encrypt sops data key to Vault/)
    expect(error.message).toContain('permission denied: 1 % of ünlucky')
  })

  test('wraps and opens with a Vault that answers', async () => {
    const vault = await listening(fakeVault())
    const keys = createServiceKeys(await placesWithSops({ VAULT_TOKEN: 'x' }))
    const address = `http://127.0.0.1:${vault}`
    const key = { type: 'hc_vault', address, enginePath: 'transit', keyName: 'mine' } as const
    const enc = await keys.wrap(key, dataKey)
    expect(enc).toBe(`vault:v1:${Buffer.from(dataKey).toString('base64')}`)
    expect(await keys.unwrap({ ...key, enc })).toEqual(Buffer.from(dataKey))
  })

  test.each<[MasterKey, string]>([
    [{ type: 'pgp', fp: 'A'.repeat(40) }, 'A'.repeat(40)],
    [{ type: 'kms', arn: 'arn:bad', context: { a: 'b', c: '' }, role: 'r', awsProfile: 'p' }, 'arn:bad'],
    [{ type: 'gcp_kms', resourceId: 'projects/bad' }, 'projects/bad'],
    [{ type: 'azure_kv', vaultUrl: 'http://127.0.0.1', name: 'n', version: 'v' }, 'Azure Key Vault'],
    [{ type: 'hckms', keyId: 'eu-west:bad' }, 'HuaweiCloud KMS'],
    [{ type: 'age', recipient: 'age1nosuch1q' }, 'plugin'],
  ])('is asked with the fields of $type', async (key, words) => {
    const keys = createServiceKeys(await placesWithSops({ ...quickly }))
    const error = await failure(keys.wrap(key, dataKey))
    expect(error.message).toMatch(/^sops keyservice: /)
    expect(error.message).toContain(words)
  })

  test('is not given identities of the operator by the environment', async () => {
    const places = await placesWithSops({ SOPS_AGE_KEY: identity })
    await createServiceKeys(places).wrap(age, dataKey)
    const [pid] = processesWith(places.environment.TMPDIR!)
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('AGE-SECRET-KEY')
  })

  test('that is missing is said, with the way to get it', async () => {
    const folder = await temporaryFolder()
    const environment = { ...noKeys, PATH: '/usr/bin:/bin', TMPDIR: folder }
    const error = await failure(createServiceKeys({ environment, publicKeys: [] }).wrap(age, dataKey))
    expect(error.message).toBe('sops keyservice: it needs the program sops, which is not installed')
    expect(error.hint).toBe('see the releases of github.com/getsops/sops')
    expect(readdirSync(folder)).toEqual([])
  })

  test('that ends at once is said, with its last words', async () => {
    const folder = await temporaryFolder()
    await writeScript(join(folder, 'sops'), 'echo no such command >&2; exit 1')
    const environment = { ...noKeys, PATH: `${folder}:/usr/bin:/bin` }
    const error = await failure(createServiceKeys({ environment, publicKeys: [] }).wrap(age, dataKey))
    expect(error.message).toBe('sops keyservice: sops keyservice does not start: no such command')
  })
})

describe('SOPS_KEYSERVICE', () => {
  test.each(['unix', 'tcp'])('names a service by %s that may have any key', async (network) => {
    const service = await realService(network)
    const environment = { ...noKeys, SOPS_KEYSERVICE: service }
    const keyring = createKeyring({ environment, publicKeys: [] })
    const [group] = await keyring.wrap([[age]], { dataKey, now: new Date(), file: 'a.yaml' })
    const { dataKey: opened } = await keyring.open({ groups: [group!] }, { file: 'a.yaml' })
    expect(opened).toEqual(Buffer.from(dataKey))
  })

  test('that does not answer is said', async () => {
    const environment = { SOPS_KEYSERVICE: 'unix:///nowhere', SOPS_ENABLE_LOCAL_KEYSERVICE: 'false' }
    const error = await failure(createServiceKeys({ environment, publicKeys: [] }).wrap(age, dataKey))
    expect(error.message).toBe('unix:///nowhere: it does not answer: connect ENOENT /nowhere')
  })

  test('that is no address is said', async () => {
    const environment = { SOPS_KEYSERVICE: 'nonsense', SOPS_ENABLE_LOCAL_KEYSERVICE: 'false' }
    const error = await failure(createServiceKeys({ environment, publicKeys: [] }).wrap(age, dataKey))
    expect(error.message).toBe('nonsense: it is no address of a key service')
    expect(error.hint).toBe('SOPS_KEYSERVICE is unix:///PATH or tcp://HOST:PORT')
  })

  test.each<[string, Record<string, string>, Buffer, string]>([
    ['something else', {}, Buffer.alloc(0), 'what answered is no key service'],
    [
      'a failure without words',
      { 'grpc-status': '13' },
      Buffer.alloc(0),
      'it answered with the gRPC status 13',
    ],
    ['half a frame', { 'grpc-status': '0' }, Buffer.of(0, 0, 0, 0, 9, 1), 'its answer is damaged'],
    ['a wrong message', { 'grpc-status': '0' }, Buffer.of(0, 0, 0, 0, 2, 10, 9), 'its answer is damaged'],
  ])('that answers with %s is refused', async (_, headers, body, message) => {
    const server = createHttp2()
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, ...headers })
      stream.end(body)
    })
    const SOPS_KEYSERVICE = `tcp://127.0.0.1:${await listening(server)}`
    const environment = { SOPS_KEYSERVICE, SOPS_ENABLE_LOCAL_KEYSERVICE: 'false' }
    const error = await failure(createServiceKeys({ environment, publicKeys: [] }).wrap(age, dataKey))
    expect(error.message).toBe(`${SOPS_KEYSERVICE}: ${message}`)
  })
})

/** Without these the clients of clouds wait for services that only a machine of theirs has. */
const quickly = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AZURE_TENANT_ID: 'none',
  AZURE_CLIENT_ID: 'none',
  AZURE_CLIENT_SECRET: 'none',
  AZURE_AUTHORITY_HOST: 'https://127.0.0.1:1',
  AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential',
}

/** Places in which `sops` is the real one, and age identities are in its reach only. */
async function placesWithSops(more: Record<string, string> = {}) {
  const folder = await temporaryFolder()
  await symlink(sops, join(folder, 'sops'))
  await writeFile(join(folder, 'keys.txt'), identity)
  const TMPDIR = join(folder, 't')
  await mkdir(TMPDIR)
  const environment = {
    ...noKeys,
    PATH: `${folder}:/usr/bin:/bin`,
    SOPS_AGE_KEY_FILE: join(folder, 'keys.txt'),
    TMPDIR,
    ...more,
  }
  const controller = new AbortController()
  const stop = () => controller.abort()
  onTestFinished(stop)
  const places = { environment, publicKeys: [], signal: controller.signal, folder, stop }
  return places satisfies KeyPlaces
}

/** The folders of sockets that a running sops keyservice listens in. */
async function socketFolders({ environment }: KeyPlaces): Promise<string[]> {
  return processesWith(environment.TMPDIR!).map((pid) =>
    commandLine(pid)!
      .find((word) => word.endsWith('/socket'))!
      .replace(/\/socket$/, ''),
  )
}

function processesWith(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    const words = /^\d+$/.test(pid) ? commandLine(pid) : undefined
    return words?.includes('keyservice') && words.some((word) => word.startsWith(folder))
  })
}

function commandLine(pid: string): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
  } catch {
    return undefined
  }
}

/** A sops keyservice of its own that has the identity; gives its address. */
async function realService(network: string): Promise<string> {
  const folder = await temporaryFolder()
  const address = network === 'unix' ? join(folder, 's') : `127.0.0.1:${await freePort()}`
  const env = { ...noKeys, SOPS_AGE_KEY: identity }
  const child = spawn(sops, ['keyservice', '--network', network, '--address', address], { env })
  onTestFinished(() => void child.kill())
  const port = Number(address.split(':')[1])
  await vi.waitFor(
    () => connected(network === 'unix' ? { path: address } : { host: '127.0.0.1', port }),
    5000,
  )
  return `${network}://${address}`
}

function connected(address: NetConnectOpts): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address, () => resolve(void socket.destroy()))
    socket.on('error', reject)
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listening(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function listening(server: Pick<Server, 'listen' | 'address' | 'close'>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

// Vault's transit engine, with encryption left out.
function fakeVault() {
  return createServer(async (request, response) => {
    const body: Buffer[] = []
    for await (const chunk of request) body.push(chunk)
    const { plaintext, ciphertext } = JSON.parse(Buffer.concat(body).toString())
    const data = plaintext ? { ciphertext: `vault:v1:${plaintext}` } : { plaintext: ciphertext.slice(9) }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ data }))
  })
}

async function failure(work: Promise<unknown>): Promise<KeyError> {
  return work.then(
    () => expect.fail('it worked'),
    (error) => error,
  )
}
