import { createHash } from 'node:crypto'
import { encipher, expandKey, initialState } from './blowfish.ts'

const hashLength = 32
const magic = Buffer.from('OxychromaticBlowfishSwatDynamite')

/** The key that OpenSSH derives from a passphrase. Source: OpenBSD, bcrypt_pbkdf(3). */
export function bcryptPbkdf(
  passphrase: string,
  { salt, rounds, length }: { salt: Uint8Array; rounds: number; length: number },
): Buffer {
  const password = sha512(Buffer.from(passphrase))
  const blocks = Math.ceil(length / hashLength)
  const key = Buffer.alloc(length)
  for (let block = 0; block < blocks; block++) {
    const number = Buffer.of(0, 0, (block + 1) >> 8, (block + 1) & 0xff)
    const bytes = blockOf(password, { salt: sha512(Buffer.concat([salt, number])), rounds })
    // The bytes of the blocks are dealt out in turn, like cards.
    for (let index = 0; index * blocks + block < length; index++) key[index * blocks + block] = bytes[index]!
  }
  return key
}

function blockOf(password: Buffer, { salt, rounds }: { salt: Buffer; rounds: number }): Buffer {
  let hash = bcryptHash(password, salt)
  const sum = Buffer.from(hash)
  for (let round = 1; round < rounds; round++) {
    hash = bcryptHash(password, sha512(hash))
    for (let index = 0; index < hashLength; index++) sum[index]! ^= hash[index]!
  }
  return sum
}

function bcryptHash(password: Buffer, salt: Buffer): Buffer {
  const state = initialState()
  const [passwordWords, saltWords] = [words(password), words(salt)]
  expandKey(state, passwordWords, saltWords)
  for (let round = 0; round < 64; round++) {
    expandKey(state, saltWords)
    expandKey(state, passwordWords)
  }
  const text = words(magic)
  for (let round = 0; round < 64; round++) {
    for (let block = 0; block < text.length; block += 2) encipher(state, text, block)
  }
  const hash = Buffer.alloc(hashLength)
  for (const [index, word] of text.entries()) hash.writeInt32LE(word, index * 4)
  return hash
}

function words(bytes: Buffer): Int32Array {
  return Int32Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readInt32BE(index * 4))
}

function sha512(bytes: Uint8Array): Buffer {
  return createHash('sha512').update(bytes).digest()
}
