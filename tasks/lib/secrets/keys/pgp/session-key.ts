import type { SecretKeyPacket, SecretSubkeyPacket } from 'openpgp'

export type SecretPacket = SecretKeyPacket | SecretSubkeyPacket

/** The key that the data of a message is encrypted with; the algorithm is a number of RFC 4880, section 9.2. */
export interface SessionKey {
  algorithm: number
  data: Buffer
}

/** Opens the body of a session key packet (tag 1, version 3). */
export type SessionKeyOpener = (body: Buffer) => SessionKey

/** An integer (MPI) or other field that starts after its own length. */
export function integerAt(body: Buffer, at: number): { bytes: Buffer; end: number } {
  const end = at + 2 + Math.ceil(body.readUInt16BE(at) / 8)
  if (end > body.length) throw new Error('the session key is cut off')
  return { bytes: body.subarray(at + 2, end), end }
}

/** Where they start: behind version, key id and algorithm. */
export const fieldsStart = 10

/** Algorithm, key, and the sum of the key's bytes in two bytes. */
export function checkedSessionKey(bytes: Buffer): SessionKey {
  const data = bytes.subarray(1, -2)
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0)
  if (data.length === 0 || sum !== bytes.readUInt16BE(bytes.length - 2)) throw notForThisKey()
  return { algorithm: bytes[0]!, data }
}

/** The same for whatever is wrong. */
export function notForThisKey(): Error {
  return new Error('the session key is not for this secret key, or damaged')
}
