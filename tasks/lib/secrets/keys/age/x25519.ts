import { decodeBase64, encodeBase64 } from './base64.ts'
import { decodeBech32, encodeBech32 } from './bech32.ts'
import { fileKeyLength } from './file.ts'
import type { Stanza } from './header.ts'
import type { Identity } from './identity.ts'
import {
  hkdf,
  seal,
  tagLength,
  unseal,
  x25519,
  x25519Ephemeral,
  x25519Private,
  x25519Public,
} from './primitives.ts'

const type = 'X25519'
const info = 'age-encryption.org/v1/X25519'
const recipientPrefix = 'age'
const identityPrefix = 'AGE-SECRET-KEY-'
const keyLength = 32

/** The public key of an age1… recipient; undefined where it is none. */
export function x25519Recipient(text: string): Uint8Array | undefined {
  const key = decodeBech32(text, recipientPrefix)
  return key?.length === keyLength ? key : undefined
}

/** The stanza of a file key for an X25519 public key. */
export function wrapX25519(recipient: Uint8Array, fileKey: Uint8Array): Stanza {
  const { key, share } = x25519Ephemeral()
  const secret = x25519(key, recipient)
  const wrapping = hkdf(secret, { salt: Buffer.concat([share, recipient]), info })
  return { type, args: [encodeBase64(share)], body: seal(wrapping, fileKey) }
}

/** The identity of an AGE-SECRET-KEY-1… text; undefined where it is none. */
export function x25519Identity(text: string): Identity | undefined {
  const scalar = decodeBech32(text, identityPrefix)
  if (scalar?.length !== keyLength) return undefined
  const key = x25519Private(scalar)
  const ours = x25519Public(key)
  return {
    recipient: () => encodeBech32(recipientPrefix, ours),
    fileKey({ stanzas }) {
      for (const stanza of stanzas) {
        if (stanza.type !== type) continue
        const share = stanzaShare(stanza)
        const wrapping = hkdf(x25519(key, share), { salt: Buffer.concat([share, ours]), info })
        const fileKey = unseal(wrapping, stanza.body)
        if (fileKey) return fileKey
      }
      return undefined
    },
  }
}

/** The ephemeral share of a stanza, which is its last argument. Throws a plain Error where the stanza is damaged. */
export function stanzaShare({ type, args, body }: Stanza): Buffer {
  const share = decodeBase64(args.at(-1) ?? '')
  const arguments_ = type === 'X25519' ? 1 : 2
  if (share?.length !== keyLength || args.length !== arguments_) {
    throw new Error(`the ${type} recipient in its header is damaged`)
  }
  // A key of another length could be made to open under several identities.
  if (body.length !== fileKeyLength + tagLength) throw new Error(`its ${type} file key has a wrong length`)
  return share
}

/** The text of an identity from its 32 bytes. */
export function x25519IdentityText(scalar: Uint8Array): string {
  return encodeBech32(identityPrefix, scalar).toUpperCase()
}
