import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { KeyError } from '../../key-source.ts'
import { encodeBase64 } from '../base64.ts'
import { montgomery } from './montgomery.ts'
import { mpint, wireBytes, wireReader, withoutZeros } from './wire.ts'

/** A public ssh key that age encrypts for. */
export type SshPublicKey = { wire: Buffer } & (
  | { type: 'ssh-ed25519'; point: Buffer }
  | { type: 'ssh-rsa'; key: KeyObject; bits: number }
)

const smallestRsa = 2048

/** The key of "ssh-ed25519 AAAA… comment" or "ssh-rsa AAAA…". Throws a KeyError. */
export function parseSshRecipient(text: string): SshPublicKey {
  const [type, base64 = ''] = text.trim().split(/\s+/)
  try {
    const key = publicKeyOf(Buffer.from(base64, 'base64'))
    if (key.type !== type) throw new Error(`it is an ${key.type} key`)
    if (key.type === 'ssh-ed25519') montgomery(key.point)
    if (key.type === 'ssh-rsa' && key.bits < smallestRsa) {
      throw new Error(`it has ${key.bits} bits, and ${smallestRsa} are the least`)
    }
    return key
  } catch (error) {
    throw new KeyError(`the ${type} recipient cannot be used: ${(error as Error).message}`, {
      hint: 'copy the line of the .pub file again; age knows ssh-ed25519 and ssh-rsa',
    })
  }
}

/** The key in SSH's binary format. Throws a plain Error. */
export function publicKeyOf(wire: Buffer): SshPublicKey {
  const reader = wireReader(wire)
  const type = reader.bytes().toString()
  if (type === 'ssh-ed25519') {
    const point = reader.bytes()
    if (point.length !== 32 || reader.rest().length > 0) throw new Error('the key is damaged')
    return { type, wire, point }
  }
  if (type !== 'ssh-rsa') throw new Error(`keys of type ${type.slice(0, 40)} cannot encrypt`)
  const [e, n] = [reader.bytes(), reader.bytes()].map((number) => withoutZeros(number))
  const jwk = { kty: 'RSA', e: e!.toString('base64url'), n: n!.toString('base64url') }
  const key = createPublicKey({ key: jwk, format: 'jwk' })
  return { type, wire, key, bits: key.asymmetricKeyDetails?.modulusLength ?? 0 }
}

/** The public part of a private key, in SSH's binary format. Throws a plain Error for other kinds. */
export function wireOf(privateKey: KeyObject): Buffer {
  const { kty, crv, x, e, n } = privateKey.export({ format: 'jwk' })
  if (crv === 'Ed25519') return wireBytes('ssh-ed25519', Buffer.from(x!, 'base64url'))
  if (kty !== 'RSA') throw new Error(`keys of type ${crv ?? kty} cannot encrypt`)
  return wireBytes('ssh-rsa', mpint(Buffer.from(e!, 'base64url')), mpint(Buffer.from(n!, 'base64url')))
}

/** The start of the key's hash, by which a stanza names it. */
export function fingerprint(wire: Uint8Array): string {
  return encodeBase64(createHash('sha256').update(wire).digest().subarray(0, 4))
}

/** The key as a line of authorized_keys, without a comment. */
export function publicLine({ type, wire }: Pick<SshPublicKey, 'type' | 'wire'>): string {
  return `${type} ${wire.toString('base64')}`
}
