import { SecretError } from '../errors.ts'
import { secondsText } from '../metadata/time.ts'
import { KeyError, type Sources } from './key-source.ts'
import { type KeyGroup, keyName, type MasterKey } from './master-key.ts'
import { failureText } from './open-key.ts'
import { splitSecret } from './shamir.ts'

export interface WrapOptions {
  dataKey: Uint8Array
  threshold?: number
  /** Also where there is an `enc`: for a new data key. With several groups it is always so. */
  anew?: boolean
  /** The time for created_at. */
  now: Date
  file: string
}

/** The contract of Keyring.wrap. Throws a SecretError, also where nobody could open the file. */
export async function wrapGroups(
  groups: KeyGroup[],
  options: WrapOptions & { sources: Sources },
): Promise<KeyGroup[]> {
  const { dataKey, threshold, anew, file } = options
  expectKeys(groups, file)
  const shamir = groups.length > 1
  const shares = shamir ? sharesOf(dataKey, { parts: groups.length, threshold, file }) : [dataKey]
  return Promise.all(
    groups.map((group, index) =>
      Promise.all(
        group.map((key) =>
          key.enc !== undefined && !anew && !shamir
            ? key
            : wrapKey(key, { ...options, share: shares[index]! }),
        ),
      ),
    ),
  )
}

// A share that nobody holds could be one that is needed.
function expectKeys(groups: KeyGroup[], file: string): void {
  const empty = groups.findIndex((group) => group.length === 0)
  if (groups.length > 0 && empty < 0) return
  const message =
    groups.length > 1 ? `key group ${empty + 1} has no key to encrypt for` : 'there is no key to encrypt for'
  const hint = 'name recipients in .sops.yaml, or create a key: tasks secrets:key'
  throw new SecretError(message, { code: 'generic', file, hint })
}

function sharesOf(
  dataKey: Uint8Array,
  { parts, threshold = parts, file }: { parts: number; threshold?: number; file: string },
): Uint8Array[] {
  if (threshold >= 2 && threshold <= parts) return splitSecret(dataKey, { parts, threshold })
  const message = `shamir_threshold is ${threshold}: of ${parts} key groups, 2 to ${parts} can be needed`
  throw new SecretError(message, { code: 'generic', file, hint: 'correct it in .sops.yaml' })
}

async function wrapKey(
  key: MasterKey,
  { share, sources, now, file }: WrapOptions & { share: Uint8Array; sources: Sources },
): Promise<MasterKey> {
  try {
    const source = await sources(key)
    const enc = await source.wrap(key, share)
    return key.type === 'age' ? { ...key, enc } : { ...key, enc, createdAt: secondsText(now) }
  } catch (error) {
    if (!(error instanceof KeyError)) throw error
    const message = `cannot encrypt for ${key.type} ${keyName(key)}: ${failureText(error)}`
    throw new SecretError(message, { code: 'generic', file, hint: error.hint, cause: error })
  }
}
