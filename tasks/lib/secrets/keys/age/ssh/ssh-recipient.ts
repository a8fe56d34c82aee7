import { constants, publicEncrypt } from 'node:crypto'
import { encodeBase64 } from '../base64.ts'
import type { Stanza } from '../header.ts'
import { hkdf, seal, x25519, x25519Ephemeral, x25519Private } from '../primitives.ts'
import { montgomery } from './montgomery.ts'
import { fingerprint, parseSshRecipient } from './public-key.ts'

export const ed25519Info = 'age-encryption.org/v1/ssh-ed25519'
const noSecret = Buffer.alloc(0)

/** How age encrypts for an ssh-rsa key. */
export const rsaPadding = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from('age-encryption.org/v1/ssh-rsa'),
}

/** The stanza of a file key for an ssh key. Throws a KeyError. Source: age, package agessh. */
export function wrapSsh(recipient: string, fileKey: Uint8Array): Stanza {
  const key = parseSshRecipient(recipient)
  const { type, wire } = key
  if (key.type === 'ssh-rsa') {
    const body = publicEncrypt({ key: key.key, ...rsaPadding }, fileKey)
    return { type, args: [fingerprint(wire)], body }
  }
  const theirs = montgomery(key.point)
  const ephemeral = x25519Ephemeral()
  const secret = tweaked(x25519(ephemeral.key, theirs), wire)
  const wrapping = hkdf(secret, { salt: Buffer.concat([ephemeral.share, theirs]), info: ed25519Info })
  const args = [fingerprint(wire), encodeBase64(ephemeral.share)]
  return { type, args, body: seal(wrapping, fileKey) }
}

/** Binds a shared secret to the ssh key, so that the same numbers in another role give another secret. */
export function tweaked(secret: Uint8Array, wire: Uint8Array): Buffer {
  return x25519(x25519Private(hkdf(noSecret, { salt: wire, info: ed25519Info })), secret)
}
