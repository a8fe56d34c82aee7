import { randomBytes } from 'node:crypto'
import type { Key, KeyID } from 'openpgp'
import { KeyError } from '../key-source.ts'
import { describeKey } from './describe.ts'
import type { FoundKey } from './key-files.ts'

// As sops has it: a short RSA key is told of by secrets:list and secrets:doctor, and still belongs to whom it belongs to.
const leastRsaBits = 1023

/** A key that the data key can be encrypted for, and its subkey where that was named (FINGERPRINT!). */
export interface EncryptionKey {
  key: Key
  subkeyId?: KeyID
}

/**
 * Reads a key of a key file; undefined for one that openpgp cannot use, and gpg may. Throws a KeyError that says why
 * nothing should be encrypted for it: it was revoked, has expired, or is weak.
 */
export async function encryptionKey(found: FoundKey, fp: string): Promise<EncryptionKey | undefined> {
  const { config, readKey } = await import('openpgp')
  const key = await readKey({ binaryKey: found.bytes }).catch(() => undefined)
  if (!key) return undefined
  const subkeyId = fp.endsWith('!') ? partOf(key, fp.slice(0, -1)) : undefined
  try {
    await key.getEncryptionKey(subkeyId, undefined, undefined, { ...config, minRSABits: leastRsaBits })
  } catch (cause) {
    const refusal = await refusalOf(key, { found, cause })
    if (refusal) throw refusal
    return undefined
  }
  return { key, subkeyId }
}

function partOf(key: Key, fingerprint: string): KeyID | undefined {
  const parts = key.getKeys()
  return parts.find((part) => part.getFingerprint().toUpperCase() === fingerprint)?.getKeyID()
}

/**
 * The data key as an armored message that every gpg and sops reads. The session key is given, because a key may itself
 * ask for forms (AEAD) that older programs cannot read.
 */
export async function encryptDataKey({ key, subkeyId }: EncryptionKey, dataKey: Uint8Array): Promise<string> {
  const { createMessage, encrypt } = await import('openpgp')
  const armored = await encrypt({
    message: await createMessage({ binary: dataKey }),
    encryptionKeys: key,
    encryptionKeyIDs: subkeyId ? [subkeyId] : [],
    sessionKey: { data: randomBytes(32), algorithm: 'aes256' },
    config: { minRSABits: leastRsaBits },
  })
  return armored.trim()
}

async function refusalOf(
  key: Key,
  { found, cause }: { found: FoundKey; cause: unknown },
): Promise<KeyError | undefined> {
  const { expires, revoked, weak, userIds, fingerprint } = await describeKey(key)
  const who = userIds[0] ?? fingerprint
  const tried = [found.file]
  const hint = `ask ${who} for a new public key, and put it into ${found.file}`
  if (revoked) return new KeyError(`the key of ${who} was revoked`, { tried, hint, cause })
  if (expires && expires < new Date()) {
    const extend = `gpg --quick-set-expire ${fingerprint} 2y`
    // Subkeys that have expired have to be named: gpg leaves them out of "*".
    const subkeys = key.getSubkeys().map((subkey) => subkey.getFingerprint().toUpperCase())
    const both = `${extend} && ${extend} ${subkeys.join(' ')}; then renew the public key`
    return new KeyError(`the key of ${who} expired on ${day(expires)}`, { tried, hint: both, cause })
  }
  return weak ? new KeyError(`the key of ${who} is too weak: ${weak}`, { tried, hint, cause }) : undefined
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10)
}
