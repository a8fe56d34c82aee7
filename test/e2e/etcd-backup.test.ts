import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type ApiClient, connect } from '../../tasks/lib/api/client.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { type OpenedSet, openSet } from '../../tasks/lib/cluster/backup/opened-set.ts'
import { rehearse } from '../../tasks/lib/cluster/backup/rehearsal.ts'
import { tryRestore } from '../../tasks/lib/cluster/backup/trial.ts'
import { sandboxFiles } from '../../tasks/lib/sandbox/control-plane/files.ts'
import { readState } from '../../tasks/lib/sandbox/control-plane/state.ts'
import { type BackupBed, backupBed } from '../support/backup-bed.ts'
import { testConfig } from '../support/config.ts'
import { etcdPrograms } from '../support/node-software-releases.ts'

const { signal } = new AbortController()
const sandbox = inject('sandbox')
const files = sandboxFiles(sandbox.directory)
let bed: BackupBed
let client: ApiClient
let etcdutl: string

beforeAll(async () => {
  bed = await backupBed()
  await bed.stopEtcd()
  client = await connect(sandbox.kubeconfig, { context: sandbox.context, signal })
  etcdutl = (await etcdPrograms()).etcdutl
  await backUpTheSandbox()
}, 600_000)
afterAll(async () => {
  await bed.close()
})

// The control plane that is backed up is the one that all tests share.
async function backUpTheSandbox(): Promise<void> {
  const { ports } = (await readState(sandbox.directory))!
  const flags = [
    `--etcd-servers=https://127.0.0.1:${ports.etcd}`,
    `--etcd-cafile=${files.authority.certificate}`,
    `--etcd-certfile=${files.etcd.certificate}`,
    `--etcd-keyfile=${files.etcd.key}`,
  ]
  const { kubernetes } = bed.paths
  const manifest = flags.map((flag) => `    - ${flag}\n`).join('')
  writeFileSync(join(kubernetes, 'manifests/kube-apiserver.yaml'), manifest)
  writeFileSync(join(kubernetes, 'enc/config.yaml'), readFileSync(files.encryption))
}

async function made(): Promise<{ bytes: Buffer; name: string }> {
  const ran = await bed.program('run')
  expect(ran.stderr).toBe('')
  const name = ran.stdout.trim()
  return { name, bytes: readFileSync(join(bed.paths.state, 'sets/home', `${name}.age`)) }
}

function open(
  { bytes, name }: { bytes: Buffer; name: string },
  identity = bed.identityFile,
): Promise<OpenedSet> {
  const places = { environment: { SOPS_AGE_KEY_FILE: identity }, publicKeys: [] }
  return openSet(bytes, { title: name, places })
}

function rehearsed(set: OpenedSet) {
  return rehearse(set, { config: testConfig(bed.root), etcdutl, signal, say: () => {} })
}

const secret = {
  ...{ apiVersion: 'v1', kind: 'Secret' },
  metadata: { name: 'backed-up', namespace: 'default' },
  stringData: { word: 'readable again' },
}

describe('a backup of a real cluster', () => {
  test('G02 is restored where nothing is but the backup: the same UID, the same keys, Secrets that can be read', async () => {
    await run([inject('kubectl'), '--kubeconfig', sandbox.kubeconfig, 'apply', '-f', '-'], {
      input: JSON.stringify(secret),
      signal,
    })
    const set = await open(await made())
    const namespace = await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' })
    expect(set.manifest.kubeSystemUid).toBe(namespace!.metadata.uid)
    expect(set.manifest.encryptionKeys).toEqual(['sandbox'])
    expect(set.snapshot.includes('readable again')).toBe(false)
    await tryRestore(set, { etcdutl, signal })
    const result = await rehearsed(set)
    expect(result.kubeSystemUid).toBe(namespace!.metadata.uid)
    expect(result.secrets).toBeGreaterThan(0)
  }, 300_000)

  test('is not rehearsed well where its encryption keys are others, and leaves nothing behind', async () => {
    const set = await open(await made())
    const other = set.files
      .get('enc/config.yaml')!
      .toString()
      .replace(/"secret": "[^"]+"/, `"secret": "${Buffer.alloc(32, 9).toString('base64')}"`)
    set.files.set('enc/config.yaml', Buffer.from(other))
    await expect(rehearsed(set)).rejects.toThrow('cannot be read')
    const { stdout } = await run([
      'sh',
      '-c',
      `ls /dev/shm "\${XDG_RUNTIME_DIR:-/dev/shm}" | grep -c "tasks-clear-.*-${process.pid}-" || :`,
    ])
    expect(stdout.trim()).toBe('0')
  }, 300_000)

  test('G01 is found out when a byte of it was changed', async () => {
    const backup = await made()
    const changed = Buffer.from(backup.bytes)
    changed[changed.length >> 1]! ^= 1
    await expect(open({ ...backup, bytes: changed })).rejects.toThrow('its payload was changed')
    const set = await open(backup)
    set.snapshot[set.snapshot.length >> 1]! ^= 1
    await expect(tryRestore(set, { etcdutl, signal })).rejects.toThrow('cannot be restored')
  }, 120_000)

  test('is opened by nobody without its identity', async () => {
    await expect(open(await made(), '/nowhere').then(() => 'opened')).rejects.toThrow(
      'no identity at hand is for it',
    )
  }, 60_000)
})
