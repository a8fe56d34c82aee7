import { createHash, X509Certificate } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { TaskError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import { type ProviderKey, readEncryptionFile } from '../../kubernetes/api-server/encryption-file.ts'
import { type BackupSet, setName } from '../../node/etcd-backup/sets.ts'
import { tarEntries } from '../../node/software/images/tar-entries.ts'
import { openAgeFile } from '../../secrets/keys/age/open-whole.ts'
import { KeyError, type KeyPlaces } from '../../secrets/keys/key-source.ts'

/** A set that was opened with the operator's key: in memory only. */
export interface OpenedSet {
  /** As people name it. */
  title: string
  manifest: Omit<BackupSet, 'bytes' | 'sha256'>
  /** SHA-256 of the encrypted file. */
  sha256: string
  snapshot: Buffer
  /** Files of /etc/kubernetes by their path below it: "pki/ca.crt". */
  files: Map<string, Buffer>
}

/** Opens a set with a key of these places, and compares each of its files with the checksum that was taken when it was made. */
export async function openSet(
  bytes: Buffer,
  { title, places }: { title: string; places: KeyPlaces },
): Promise<OpenedSet> {
  const packed = await openAgeFile(bytes, places).catch((error: unknown) => {
    if (!(error instanceof KeyError)) throw error
    const lines = [error.message, ...error.tried].join('\n')
    throw new TaskError(`${title} cannot be opened: ${lines}`, { hint: error.hint, cause: error })
  })
  const files = await unpacked(packed, title)
  expectWhole(files, title)
  const manifest = JSON.parse(files.get('manifest.json')!.toString())
  if (!setName.test(manifest.name))
    throw new TaskError(`${title} has no name of ours in it: ${manifest.name}`)
  const snapshot = files.get('snapshot.db')!
  for (const name of ['SHA256SUMS', 'manifest.json', 'snapshot.db']) files.delete(name)
  registerKeys(files)
  return { title, manifest, sha256: digest(bytes), snapshot, files }
}

async function unpacked(packed: Buffer, title: string): Promise<Map<string, Buffer>> {
  try {
    const bytes = gunzipSync(packed)
    const files = new Map<string, Buffer>()
    for await (const { name, content } of tarEntries(archiveOf(bytes)))
      files.set(name, await content(bytes.length))
    return files
  } catch (error) {
    throw new TaskError(`${title} is no set of a backup: ${(error as Error).message}`, { cause: error })
  }
}

function archiveOf(bytes: Buffer) {
  let position = 0
  return {
    async take(count: number) {
      const part = bytes.subarray(position, position + count)
      position += count
      return part
    },
    async skip(count: number) {
      position += count
      return position <= bytes.length
    },
    close: async () => {},
  }
}

function expectWhole(files: Map<string, Buffer>, title: string): void {
  const sums = files.get('SHA256SUMS')?.toString() ?? ''
  const rows = sums.split('\n').filter(Boolean)
  const wrong = rows
    .map((row) => ({ sum: row.slice(0, 64), name: row.slice(66).replace(/^\.\//, '') }))
    .filter(({ sum, name }) => !files.has(name) || digest(files.get(name)!) !== sum)
  const missing = ['snapshot.db', 'manifest.json'].filter((name) => !files.has(name))
  const names = [...missing, ...wrong.map(({ name }) => name)]
  if (names.length === 0) return
  throw new TaskError(`${title} is damaged: ${names.join(', ')} is not what was backed up`, {
    hint: 'take another one: tasks etcd:backups',
  })
}

/** The encryption keys of a set, in their order; none where Secrets were not encrypted. */
export function keysOf({ files, title }: Pick<OpenedSet, 'files' | 'title'>): ProviderKey[] {
  const text = files.get('enc/config.yaml')?.toString()
  return text === undefined ? [] : readEncryptionFile(text, { shown: `the encryption file in ${title}` })
}

/** The hash by which kubeadm pins the certificate authority of a set. */
export function caHashOf({ files }: Pick<OpenedSet, 'files'>): string | undefined {
  const ca = files.get('pki/ca.crt')
  if (!ca) return undefined
  const der = new X509Certificate(ca).publicKey.export({ type: 'spki', format: 'der' })
  return `sha256:${createHash('sha256').update(der).digest('hex')}`
}

// Keys of whatever provider, before anything else reads the file.
function registerKeys(files: Map<string, Buffer>): void {
  const text = files.get('enc/config.yaml')?.toString() ?? ''
  for (const [, secret] of text.matchAll(/secret"?:\s*"?([A-Za-z0-9+/=]+)/g)) registerSecret(secret)
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
