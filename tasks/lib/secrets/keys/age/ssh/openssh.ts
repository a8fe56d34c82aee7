import { createDecipheriv, createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { type WireReader, wireReader, withoutZeros } from './wire.ts'

/** A private ssh key; one with a passphrase is locked. */
export type SshPrivateKey = {
  /** Its public part, in SSH's binary format. */
  wire: Buffer
} & (
  | { locked: false; privateKey: KeyObject }
  /** Undefined for a wrong passphrase. */
  | { locked: true; unlock(passphrase: string): Promise<KeyObject | undefined> }
)

const magic = Buffer.from('openssh-key-v1\0')
const ciphers = ['aes256-ctr', 'aes192-ctr', 'aes128-ctr', 'aes256-cbc', 'aes192-cbc', 'aes128-cbc']
const ivLength = 16
/** OpenSSH takes 24; a file that asks for millions is an attack. */
const mostRounds = 10_000

/** Reads OpenSSH's own format of a private key. Throws a plain Error. Source: openssh-portable, PROTOCOL.key. */
export function parseOpenSsh(bytes: Buffer, { path = 'FILE' }: { path?: string }): SshPrivateKey {
  if (!bytes.subarray(0, magic.length).equals(magic)) throw new Error('the private ssh key is damaged')
  const reader = wireReader(bytes.subarray(magic.length))
  const [cipher, kdf] = [reader.bytes().toString(), reader.bytes().toString()]
  const options = reader.bytes()
  if (reader.uint32() !== 1) throw new Error('the file holds several private ssh keys')
  const wire = reader.bytes()
  const sealed = reader.bytes()
  if (cipher === 'none') return { wire, locked: false, privateKey: privateKeyOf(sealed)! }
  if (kdf !== 'bcrypt' || !ciphers.includes(cipher)) {
    throw new Error(`it is encrypted with ${cipher}: ssh-keygen -p -Z aes256-ctr -f ${path} changes that`)
  }
  const unlock = async (passphrase: string) => {
    const { bcryptPbkdf } = await import('./bcrypt-pbkdf.ts')
    const { salt, rounds } = kdfOptions(options)
    const keyLength = Number(cipher.slice(3, 6)) / 8
    const derived = bcryptPbkdf(passphrase, { salt, rounds, length: keyLength + ivLength })
    const [algorithm, iv] = [cipher.replace('aes', 'aes-'), derived.subarray(keyLength)]
    const decipher = createDecipheriv(algorithm, derived.subarray(0, keyLength), iv).setAutoPadding(false)
    return privateKeyOf(Buffer.concat([decipher.update(sealed), decipher.final()]))
  }
  return { wire, locked: true, unlock }
}

function kdfOptions(options: Buffer): { salt: Buffer; rounds: number } {
  const reader = wireReader(options)
  const [salt, rounds] = [reader.bytes(), reader.uint32()]
  if (rounds < 1 || rounds > mostRounds) throw new Error(`the ssh key asks for ${rounds} rounds of bcrypt`)
  return { salt, rounds }
}

// Two equal numbers come first: they differ where the passphrase was wrong.
function privateKeyOf(clear: Buffer): KeyObject | undefined {
  const reader = wireReader(clear)
  const [first, second] = [reader.uint32(), reader.uint32()]
  if (first !== second) return undefined
  const type = reader.bytes().toString()
  if (type === 'ssh-ed25519') return createPrivateKey({ key: ed25519Jwk(reader), format: 'jwk' })
  if (type === 'ssh-rsa') return createPrivateKey({ key: rsaJwk(reader), format: 'jwk' })
  throw new Error(`keys of type ${type.slice(0, 40)} cannot decrypt`)
}

function ed25519Jwk(reader: WireReader): JsonWebKey {
  const x = reader.bytes()
  const seed = reader.bytes().subarray(0, 32)
  return { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url'), d: seed.toString('base64url') }
}

function rsaJwk(reader: WireReader): JsonWebKey {
  const [n, e, d, qi, p, q] = Array.from({ length: 6 }, () => withoutZeros(reader.bytes()))
  const [dp, dq] = [p!, q!].map((prime) => remainder(d!, prime))
  const numbers = { n, e, d, p, q, dp, dq, qi }
  const texts = Object.entries(numbers).map(([name, number]) => [name, number!.toString('base64url')])
  return { kty: 'RSA', ...Object.fromEntries(texts) }
}

function remainder(d: Buffer, prime: Buffer): Buffer {
  const value = whole(d) % (whole(prime) - 1n)
  const hex = value.toString(16)
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
}

function whole(bytes: Buffer): bigint {
  return BigInt(`0x${bytes.toString('hex')}`)
}
