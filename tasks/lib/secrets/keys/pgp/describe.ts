import type { Key, Subkey } from 'openpgp'
import { keysOf } from './key-files.ts'

/** What people ask about a PGP key. */
export interface PgpKeyDescription {
  /** 40 upper-case hexadecimal digits of the primary key. */
  fingerprint: string
  /** "Ada <ada@example.org>"; the first is the primary one. */
  userIds: string[]
  created: Date
  /** When nothing can be encrypted for it any more: that of the primary key, or of the last encryption subkey. */
  expires?: Date
  revoked: boolean
  /** Whether something can be encrypted for it today. */
  canEncrypt: boolean
  /** Why it should be replaced: "RSA with 1024 bits". */
  weak?: string
}

/** Every key of an armored (or binary) key file; none where it holds none. */
export async function describePgpKeys(armored: string | Uint8Array): Promise<PgpKeyDescription[]> {
  const { readKey } = await import('openpgp')
  return Promise.all(
    keysOf(Buffer.from(armored as string)).map(async ({ bytes }) =>
      describeKey(await readKey({ binaryKey: bytes })),
    ),
  )
}

/** What is known of a key that was read already. */
export async function describeKey(key: Key): Promise<PgpKeyDescription> {
  const revoked = await key.isRevoked()
  const expires = revoked ? undefined : await expiry(key)
  return {
    fingerprint: key.getFingerprint().toUpperCase(),
    userIds: key.getUserIDs(),
    created: key.getCreationTime(),
    ...(expires && { expires }),
    revoked,
    canEncrypt: await canEncrypt(key),
    ...weakness(key),
  }
}

async function canEncrypt(key: Key): Promise<boolean> {
  try {
    await key.getEncryptionKey()
    return true
  } catch {
    return false
  }
}

async function expiry(key: Key): Promise<Date | undefined> {
  const primary = await key.getExpirationTime()
  const subkeys = await Promise.all(key.getSubkeys().map((subkey) => subkeyExpiry(subkey)))
  const usable = subkeys.filter((time) => time !== undefined)
  const ends = [primary instanceof Date ? primary.getTime() : Number.POSITIVE_INFINITY]
  if (usable.length > 0) ends.push(Math.max(...usable))
  const first = Math.min(...ends)
  return Number.isFinite(first) ? new Date(first) : undefined
}

// Undefined for a subkey that nothing is encrypted for: one to sign with, or one that was revoked.
async function subkeyExpiry(subkey: Subkey): Promise<number | undefined> {
  const binding = subkey.bindingSignatures.at(-1)
  const flags = binding?.keyFlags?.[0] ?? 0
  if ((flags & 0x0c) === 0 || subkey.revocationSignatures.length > 0) return undefined
  const time = await subkey.getExpirationTime().catch(() => null)
  return time instanceof Date ? time.getTime() : Number.POSITIVE_INFINITY
}

function weakness(key: Key): { weak?: string } {
  const algorithms = key.getKeys().map((part) => part.getAlgorithmInfo())
  const short = algorithms.find(({ bits = 4096, algorithm }) => algorithm.startsWith('rsa') && bits < 2047)
  if (short) return { weak: `RSA with ${short.bits} bits` }
  const old = algorithms.find(({ algorithm }) => ['elgamal', 'dsa'].includes(algorithm))
  return old ? { weak: `${old.algorithm === 'dsa' ? 'DSA' : 'ElGamal'}, which is out of use` } : {}
}
