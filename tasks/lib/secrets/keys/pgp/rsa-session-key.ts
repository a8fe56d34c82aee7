import { constants, createPrivateKey, privateDecrypt } from 'node:crypto'
import {
  checkedSessionKey,
  fieldsStart,
  integerAt,
  notForThisKey,
  type SecretPacket,
  type SessionKeyOpener,
} from './session-key.ts'

/** RSA, as numbers of OpenPGP are given to node. */
export function rsaOpener({ publicParams, privateParams }: SecretPacket): SessionKeyOpener {
  const { n, e } = publicParams as { n: Uint8Array; e: Uint8Array }
  const { d, p, q, u } = privateParams as Record<'d' | 'p' | 'q' | 'u', Uint8Array>
  // OpenPGP keeps p⁻¹ mod q and JWK wants q⁻¹ mod p: their p is our q.
  const rest = (prime: Uint8Array) => bytesOf(integer(d) % (integer(prime) - 1n))
  const numbers = { n, e, d, p: q, q: p, dp: rest(q), dq: rest(p), qi: u }
  const words = Object.entries(numbers).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64url'),
  ])
  const key = createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(words) }, format: 'jwk' })
  return (body) => {
    const { bytes } = integerAt(body, fieldsStart)
    const padded = Buffer.concat([Buffer.alloc(Math.max(0, n.length - bytes.length)), bytes])
    return checkedSessionKey(unpadded(privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, padded)))
  }
}

// 0, 2, eight or more random bytes, 0, and what was meant (PKCS #1 v1.5). Node 20 refuses to undo it, since a server that
// answers strangers could be used as an oracle; we open files of our own, and every failure reads the same.
function unpadded(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0, 2)
  if (bytes[0] !== 0 || bytes[1] !== 2 || end < 10) throw notForThisKey()
  return bytes.subarray(end + 1)
}

const integer = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)

function bytesOf(value: bigint): Buffer {
  const digits = value.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}
