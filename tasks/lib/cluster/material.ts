import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { type Finding, TaskError } from '../cli/errors.ts'
import { registerSecret } from '../cli/redact.ts'
import type { EncryptionKey } from '../kubernetes/api-server/encryption.ts'
import { soundKeys } from '../kubernetes/api-server/encryption-key.ts'
import { bytesIfThere, keepingRefusal, readKeptFile, writeKeptFile } from '../secrets/kept-file.ts'
import type { SecretProject } from '../secrets/project.ts'

/** The keys with which Secrets are encrypted in etcd, in secrets/cluster/: the first writes, all of them read. */
export interface EncryptionKeys {
  /** As people name the file. */
  shown: string
  /** Undefined where there is no file yet. A TaskError where one of them is no key to use. */
  kept(): Promise<EncryptionKey[] | undefined>
  /** Writes them in the place of what is there, and reads them back. */
  keep(keys: readonly EncryptionKey[]): Promise<void>
  /** The keys; one is made now where there is none: it is kept before it is anywhere else. */
  keptOrMade(): Promise<EncryptionKey[]>
  /** Why nothing can be kept: no rule says for whom. Undefined where all is well. */
  refusal(): Promise<Finding | undefined>
}

/** The keys of a project. */
export function encryptionKeys(
  project: SecretProject,
  { now = () => new Date() }: { now?: () => Date } = {},
): EncryptionKeys {
  const file = join(project.folder, 'cluster', 'encryption.yaml')
  const shown = project.shown(file)
  const kept = async () => {
    if (!(await bytesIfThere(file))) return undefined
    const { secret } = await readKeptFile(file, project)
    const keys = readKeys(secret, shown)
    for (const key of keys) registerSecret(key.secret)
    return soundKeys(keys, { shown })
  }
  const keep = async (keys: readonly EncryptionKey[]) => {
    const secret = JSON.stringify(soundKeys(keys, { shown }))
    const fields = {
      purpose: 'keys of encryption at rest; without them no Secret of the cluster can be read',
    }
    const replacing = (await bytesIfThere(file)) ?? null
    await writeKeptFile(file, { fields, secret }, { project, now: now(), replacing })
    const { secret: readBack } = await readKeptFile(file, project)
    if (readBack !== secret)
      throw new TaskError(`${shown} is not what was written`, { hint: 'run the same again' })
  }
  return {
    shown,
    kept,
    keep,
    async keptOrMade() {
      const present = await kept()
      if (present) return present
      const made = [newKey(now())]
      await keep(made)
      return made
    },
    refusal: () => keepingRefusal(file, project),
  }
}

/** A key that is in no file yet; its name tells keys apart in etcd. */
export function newKey(now: Date): EncryptionKey {
  const secret = randomBytes(32).toString('base64')
  registerSecret(secret)
  return { name: `key-${now.toISOString().slice(0, 19).replaceAll(/\D/g, '')}`, secret }
}

function readKeys(text: string, shown: string): EncryptionKey[] {
  try {
    const keys: EncryptionKey[] = JSON.parse(text)
    if (keys.every(({ name, secret }) => typeof name === 'string' && typeof secret === 'string')) return keys
  } catch {
    // The parser's words would quote the text, with the keys in it.
  }
  throw new TaskError(`${shown}: stringData.secret is no list of keys with a name and a secret each`, {
    hint: `put the file back from its history: git log -- ${shown}`,
  })
}
