import {
  createDecipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from 'node:crypto'
import {
  checkedSessionKey,
  fieldsStart,
  integerAt,
  type SecretPacket,
  type SessionKeyOpener,
} from './session-key.ts'

interface EcdhParams {
  oid: { oid: Uint8Array }
  Q: Uint8Array
  kdfParams: { hash: number; cipher: number }
}

const hashes: Record<number, string> = { 8: 'sha256', 9: 'sha384', 10: 'sha512' }
/** The key lengths of AES in bytes. */
const aesLengths: Record<number, number> = { 7: 16, 8: 24, 9: 32 }

/** Elliptic curves: RFC 6637, sections 7 and 8. Undefined for a curve that node does not have. */
export function ecdhOpener(packet: SecretPacket): SessionKeyOpener | undefined {
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
    return checkedSessionKey(withoutPadding(Buffer.concat([decipher.update(wrapped), decipher.final()])))
  }
}

const wrapStart = Buffer.alloc(8, 0xa6)

function withoutPadding(padded: Buffer): Buffer {
  return padded.subarray(0, Math.max(0, padded.length - padded.at(-1)!))
}

const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')

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
