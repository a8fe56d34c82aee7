import { TaskError } from '../../../cli/errors.ts'
import type { EncryptionKey } from '../../../kubernetes/api-server/encryption.ts'
import { encryptionFile, secretboxKey } from '../../../kubernetes/api-server/encryption-file.ts'
import { keysOf, type OpenedSet } from '../opened-set.ts'

/** What the API servers read Secrets with once a set is restored. */
export interface RestoredKeys {
  /** Content of the encryption file; undefined where Secrets were not encrypted: the one that is there stays. */
  file?: string
  /** What secrets/cluster/ has to keep: the keys of the set first, then what is kept already. */
  keep?: EncryptionKey[]
}

/** The keys of a set with those that are kept: no key is lost, the set's own one writes. */
export function restoredKeys(set: OpenedSet, kept: readonly EncryptionKey[] | undefined): RestoredKeys {
  const keys = keysOf(set)
  if (keys.every(({ provider }) => provider === 'identity')) return {}
  // Somebody else's file stays as it was: what its order means is theirs to know.
  if (keys.some(({ provider }) => provider !== 'secretbox'))
    return { file: set.files.get('enc/config.yaml')!.toString() }
  const others = (kept ?? []).filter(({ name }) => !keys.some((key) => key.name === name))
  for (const key of keys) expectSame(key, { kept, title: set.title })
  const all = [...keys.map(({ name, secret }) => ({ name, secret })), ...others]
  const isKept = JSON.stringify(kept) === JSON.stringify(all)
  return { file: encryptionFile(all.map(secretboxKey)), ...(!isKept && { keep: all }) }
}

function expectSame(
  { name, secret }: EncryptionKey,
  { kept, title }: { kept: readonly EncryptionKey[] | undefined; title: string },
): void {
  const other = kept?.find((key) => key.name === name)
  if (!other || other.secret === secret) return
  throw new TaskError(
    `the encryption key ${name} of ${title} is another one than the kept key of that name`,
    {
      hint: 'secrets/cluster/encryption.yaml is of another cluster, or of another time: git log -- secrets/cluster',
    },
  )
}
