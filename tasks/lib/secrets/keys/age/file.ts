import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { armor } from './armor.ts'
import { encodeBase64 } from './base64.ts'
import { type AgeFile, formatHeader, type Stanza } from './header.ts'
import { hkdf, seal, tagLength, unseal } from './primitives.ts'

/** What one file is encrypted with. */
export const fileKeyLength = 16
export const nonceLength = 16
/** What is beyond one chunk is no data key. */
const chunkLength = 64 * 1024 + tagLength
const noSalt = Buffer.alloc(0)
// The nonce of the payload's first chunk, when it is also the last.
const lastChunk = Buffer.from('000000000000000000000001', 'hex')

/** An armored age file with a data key in it; `wrap` gives the stanzas for its file key. */
export function sealFile(dataKey: Uint8Array, wrap: (fileKey: Uint8Array) => Stanza[]): string {
  const fileKey = randomBytes(fileKeyLength)
  const header = formatHeader(wrap(fileKey))
  const mac = encodeBase64(headerMac(fileKey, header))
  const nonce = randomBytes(nonceLength)
  const payload = seal(hkdf(fileKey, { salt: nonce, info: 'payload' }), dataKey, lastChunk)
  return armor(Buffer.concat([Buffer.from(`${header} ${mac}\n`), nonce, payload]))
}

/** The data key in an age file. Throws a plain Error where the file was changed. */
export function openFile({ authenticated, mac, payload }: AgeFile, fileKey: Uint8Array): Uint8Array {
  if (!timingSafeEqual(headerMac(fileKey, authenticated), mac)) throw new Error('its header was changed')
  if (payload.length > nonceLength + chunkLength) throw new Error('it is too long for a data key')
  const nonce = payload.subarray(0, nonceLength)
  const key = hkdf(fileKey, { salt: nonce, info: 'payload' })
  const dataKey = unseal(key, payload.subarray(nonceLength), lastChunk)
  if (!dataKey) throw new Error('its payload was changed')
  return dataKey
}

/** The MAC of a header under a file key. */
export function headerMac(fileKey: Uint8Array, header: string | Uint8Array): Buffer {
  const key = hkdf(fileKey, { salt: noSalt, info: 'header' })
  return createHmac('sha256', key).update(header).digest()
}
