import {
  constants,
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  privateDecrypt,
} from 'node:crypto'
import type { SecretKeyPacket, SecretSubkeyPacket } from 'openpgp'

export type SecretPacket = SecretKeyPacket | SecretSubkeyPacket

/** The key that the data of a message is encrypted with; the algorithm is a number of RFC 4880, section 9.2. */
export interface SessionKey {
  algorithm: number
  data: Buffer
}

/** Opens the body of a session key packet (tag 1, version 3). */
export type SessionKeyOpener = (body: Buffer) => SessionKey

/**
 * How session keys for this secret key are opened, by node's own cryptography: ten times as fast as openpgp, which
 * computes in JavaScript. Undefined for an algorithm that is left to openpgp.
 */
export function sessionKeyOpener(packet: SecretPacket): SessionKeyOpener | undefined {
  const { algorithm } = packet
  if (algorithm === 1 || algorithm === 2) return rsaOpener(packet)
  return algorithm === 18 ? ecdhOpener(packet) : undefined
}

/** An integer (MPI) or other field that starts after its own length. */
function integerAt(body: Buffer, at: number): { bytes: Buffer; end: number } {
  const end = at + 2 + Math.ceil(body.readUInt16BE(at) / 8)
  if (end > body.length) throw new Error('the session key is cut off')
  return { bytes: body.subarray(at + 2, end), end }
}

// Behind version, key id and algorithm.
const fieldsStart = 10

function rsaOpener({ publicParams, privateParams }: SecretPacket): SessionKeyOpener {
  const { n, e } = publicParams as { n: Uint8Array; e: Uint8Array }
  const { d, p, q, u } = privateParams as Record<'d' | 'p' | 'q' | 'u', Uint8Array>
  // OpenPGP keeps p⁻¹ mod q and JWK wants q⁻¹ mod p: their p is our q.
  const rest = (prime: Uint8Array) => bytesOf(integer(d) % (integer(prime) - 1n))
  const numbers = { n, e, d, p: q, q: p, dp: rest(q), dq: rest(p), qi: u }
  const words = Object.entries(numbers).map(([name, value]) => [name, base64url(value)])
  const key = createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(words) }, format: 'jwk' })
  return (body) => {
    const { bytes } = integerAt(body, fieldsStart)
    const padded = Buffer.concat([Buffer.alloc(Math.max(0, n.length - bytes.length)), bytes])
    return checked(privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, padded))
  }
}

const integer = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

function bytesOf(value: bigint): Buffer {
  const digits = value.toString(16)
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex')
}

interface EcdhParams {
  oid: { oid: Uint8Array }
  Q: Uint8Array
  kdfParams: { hash: number; cipher: number }
}

const hashes: Record<number, string> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }
/** The key lengths of AES in bytes. */
const aesLengths: Record<number, number> = { 7: 16, 8: 24, 9: 32 }

// RFC 6637, sections 7 and 8.
function ecdhOpener(packet: SecretPacket): SessionKeyOpener | undefined {
  const { oid, Q, kdfParams } = packet.publicParams as EcdhParams
  const hash = hashes[kdfParams.hash]
  const length = aesLengths[kdfParams.cipher]
  const agree = agreement(oid.oid, { secret: (packet.privateParams as { d: Uint8Array }).d, point: Q })
  if (!agree || !hash || !length) return undefined
  const context = Buffer.concat([
    Buffer.from([oid.oid.length, ...oid.oid, 18, 3, 1, kdfParams.hash, kdfParams.cipher]),
    Buffer.from('Anonymous Sender    '),
    Buffer.from(packet.getFingerprint(), 'hex'),
  ])
  return (body) => {
    const { bytes, end } = integerAt(body, fieldsStart)
    const wrapped = body.subarray(end + 1, end + 1 + (body[end] ?? 0))
    const shared = agree(bytes)
    const digest = createHash(hash)
      .update(Buffer.from([0, 0, 0, 1]))
      .update(shared)
      .update(context)
      .digest()
    const decipher = createDecipheriv(`id-aes${length * 8}-wrap`, digest.subarray(0, length), wrapStart)
    return checked(withoutPadding(Buffer.concat([decipher.update(wrapped), decipher.final()])))
  }
}

const wrapStart = Buffer.alloc(8, 0xa6)

function withoutPadding(padded: Buffer): Buffer {
  return padded.subarray(0, Math.max(0, padded.length - padded.at(-1)!))
}

const curve25519 = '2b060104019755010501'
/** Of the curves that node knows by these names, by their object identifiers. */
const curves: Record<string, string> = {
  '2a8648ce3d030107': 'prime256v1',
  '2b81040022': 'secp384r1',
  '2b81040023': 'secp521r1',
  '2b2403030208010107': 'brainpoolP256r1',
  '2b240303020801010b': 'brainpoolP384r1',
  '2b240303020801010d': 'brainpoolP512r1',
}

function agreement(
  oid: Uint8Array,
  { secret, point }: { secret: Uint8Array; point: Uint8Array },
): ((theirs: Buffer) => Buffer) | undefined {
  const id = Buffer.from(oid).toString('hex')
  if (id === curve25519) {
    const jwk = { kty: 'OKP', crv: 'X25519' }
    // Curve 25519 counts from the small end, OpenPGP from the big one.
    const own = { ...jwk, d: base64url(Buffer.from(secret).reverse()), x: base64url(point.subarray(1)) }
    const privateKey = createPrivateKey({ key: own, format: 'jwk' })
    return (theirs) => {
      const key = { ...jwk, x: base64url(theirs.subarray(1)) }
      return diffieHellman({ privateKey, publicKey: createPublicKey({ key, format: 'jwk' }) })
    }
  }
  if (!curves[id]) return undefined
  const ecdh = createECDH(curves[id])
  ecdh.setPrivateKey(secret)
  return (theirs) => ecdh.computeSecret(theirs)
}

/** Algorithm, key, and the sum of the key's bytes in two bytes. */
function checked(bytes: Buffer): SessionKey {
  const data = bytes.subarray(1, -2)
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  if (data.length === 0 || sum !== bytes.readUInt16BE(bytes.length - 2))
    throw new Error('the session key is not for this secret key, or damaged')
  return { algorithm: bytes[0]!, data }
}
