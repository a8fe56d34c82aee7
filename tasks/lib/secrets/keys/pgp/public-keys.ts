import { type EncryptionKey, encryptionKey } from './encrypt.ts'
import type { Gpg } from './gpg.ts'
import { type FoundKey, keysOf } from './key-files.ts'

/**
 * The public key for a fingerprint: out of the key files, or else out of gpg's keyring. Undefined where only gpg itself
 * can tell what is meant, or use it. Throws a KeyError where what was found must not be used.
 */
export async function findPublicKey(
  fp: string,
  { keys, gpg }: { keys: FoundKey[]; gpg: Gpg },
): Promise<EncryptionKey | undefined> {
  const wanted = fp.replace(/!$/, '')
  if (!/^[0-9A-F]{40}$/.test(wanted)) return undefined
  const fits = ({ fingerprints }: { fingerprints: string[] }) => fingerprints.includes(wanted)
  const inFiles = await firstUsable(keys.filter(fits), fp)
  if (inFiles.key) return inFiles.key
  const exported = keysOf(await gpg.export(wanted).catch(() => Buffer.alloc(0)))
  const inGpg = await firstUsable(
    exported.filter(fits).map((key) => ({ ...key, file: "gpg's keyring" })),
    fp,
  )
  if (inGpg.key) return inGpg.key
  const refused = inFiles.refused ?? inGpg.refused
  if (refused) throw refused
  return undefined
}

// A key may be there twice, as it was and as it is after it has been extended.
async function firstUsable(
  found: FoundKey[],
  fp: string,
): Promise<{ key?: EncryptionKey; refused?: unknown }> {
  let refused: unknown
  for (const one of found) {
    try {
      const key = await encryptionKey(one, fp)
      if (key) return { key }
    } catch (error) {
      refused ??= error
    }
  }
  return { refused }
}
