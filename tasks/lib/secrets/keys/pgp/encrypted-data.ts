import { createDecipheriv, createHash, timingSafeEqual } from 'node:crypto'
import { inflateRawSync, inflateSync } from 'node:zlib'
import { type Packet, packetsOf, packetTags } from './packets.ts'
import type { SessionKey } from './session-key.ts'

const ciphers: Record<number, string> = { 7: 'aes-128-cfb', 8: 'aes-192-cfb', 9: 'aes-256-cfb' }
const blockLength = 16
/** The packet of the modification detection code: its two header bytes, and a SHA-1. */
const codeLength = 22

/**
 * What is in an encrypted data packet (tag 18, version 1), if it is AES and what sops or gpg put into it; undefined for
 * any other form. Throws an Error where it was changed.
 */
export function decryptedData(packet: Packet, { algorithm, data }: SessionKey): Buffer | undefined {
  const cipher = ciphers[algorithm]
  if (!cipher || packet.tag !== packetTags.encryptedData || packet.body[0] !== 1) return undefined
  const decipher = createDecipheriv(cipher, data, Buffer.alloc(blockLength))
  const clear = Buffer.concat([decipher.update(packet.body.subarray(1)), decipher.final()])
  if (clear.length < blockLength + 2 + codeLength) throw new Error('the message is cut off')
  const code = createHash('sha1').update(clear.subarray(0, -20)).digest()
  if (!timingSafeEqual(code, clear.subarray(-20))) throw new Error('the message was changed, or is damaged')
  return literalData(clear.subarray(blockLength + 2, -codeLength))
}

/** The least that a data key needs, times a lot: no compressed packet may blow up beyond it. */
const maxOutputLength = 1024 * 1024

function literalData(bytes: Buffer): Buffer | undefined {
  const [packet] = packetsOf(bytes)
  if (packet?.tag === packetTags.compressedData) {
    const [method] = packet.body
    const inside = packet.body.subarray(1)
    if (method === 1) return literalData(inflateRawSync(inside, { maxOutputLength }))
    if (method === 2) return literalData(inflateSync(inside, { maxOutputLength }))
  }
  if (packet?.tag !== packetTags.literalData) return undefined
  // Format, the length of a file name and the name, a time.
  return packet.body.subarray(2 + (packet.body[1] ?? 0) + 4)
}
