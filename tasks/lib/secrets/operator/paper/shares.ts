import { createHash } from 'node:crypto'
import { UsageError } from '../../../cli/errors.ts'
import { registerSecret } from '../../../cli/redact.ts'
import { decodeBech32, encodeBech32 } from '../../keys/age/bech32.ts'
import { combineShares, splitSecret } from '../../keys/shamir.ts'

/** How an age identity begins, by the number that a share has for it. */
const kinds = ['age-secret-key-', 'age-secret-key-pq-']
const prefix = 'break-glass-share-'
const idLength = 4
/** The kind, what tells one split from another, and 32 bytes with their x. */
const shareLength = 1 + idLength + 33

/**
 * Splits an age identity into three texts of which any two give it back: BREAK-GLASS-SHARE-1…. What is split are its 32
 * bytes, by the same Shamir sharing that sops has.
 */
export function splitIdentity(identity: string): string[] {
  const kind = kinds.findIndex((known) => decodeBech32(identity, known) !== undefined)
  const bytes = decodeBech32(identity, kinds[kind]!)!
  const head = Buffer.concat([Buffer.from([kind + 1]), idOf(bytes)])
  return splitSecret(bytes, { parts: 3, threshold: 2 }).map((share) => {
    const text = encodeBech32(prefix, Buffer.concat([head, share])).toUpperCase()
    registerSecret(text)
    return text
  })
}

/** The identity out of two or three shares. Throws a UsageError where they do not belong together. */
export function joinShares(texts: string[]): string {
  const shares = [...new Set(texts)].map(readShare)
  if (shares.length < 2)
    throw new UsageError('two different shares are needed, there is only one', {
      hint: 'type two of the three papers, one after the other',
    })
  const { kind, id } = shares[0]!
  if (shares.some((share) => share.kind !== kind || !share.id.equals(id)))
    throw new UsageError('the shares belong to different keys: take two of the same set of three')
  const bytes = combineShares(shares.map(({ share }) => share))
  if (!idOf(bytes).equals(id)) throw new UsageError('the shares do not give the key that they are of')
  const identity = encodeBech32(kinds[kind - 1]!, bytes).toUpperCase()
  registerSecret(identity)
  return identity
}

function readShare(text: string, index: number): { kind: number; id: Buffer; share: Uint8Array } {
  registerSecret(text)
  const bytes = decodeBech32(text, prefix)
  const kind = bytes?.[0] ?? 0
  if (bytes?.length !== shareLength || kinds[kind - 1] === undefined)
    throw new UsageError(`share ${index + 1} has a typing error`, {
      hint: 'compare it with the paper, row by row',
    })
  const id = Buffer.from(bytes.subarray(1, 1 + idLength))
  return { kind, id, share: bytes.subarray(1 + idLength) }
}

// Of the secret, and too short to tell anything of it.
function idOf(bytes: Uint8Array): Buffer {
  return createHash('sha256').update('break-glass').update(bytes).digest().subarray(0, idLength)
}
