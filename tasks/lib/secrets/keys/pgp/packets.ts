import { createHash } from 'node:crypto'

/** One packet of an OpenPGP message or key (RFC 4880, section 4). */
export interface Packet {
  tag: number
  body: Buffer
  /** Where it starts and ends in the bytes that it was read from. */
  start: number
  end: number
}

export const packetTags = {
  sessionKey: 1,
  secretKey: 5,
  publicKey: 6,
  secretSubkey: 7,
  compressedData: 8,
  literalData: 11,
  publicSubkey: 14,
  encryptedData: 18,
}

/** The armored blocks of a text, decoded, with what their BEGIN line says: "PGP MESSAGE". Checksums are not looked at. */
export function armoredBlocks(text: string): { kind: string; bytes: Buffer }[] {
  const pattern = /-----BEGIN (PGP [A-Z ]+)-----([\s\S]*?)-----END \1-----/g
  return [...text.matchAll(pattern)].map(([, kind = '', inside = '']) => {
    const lines = inside.split(/\r?\n/).map((line) => line.trim())
    const headersEnd = lines.indexOf('', 1)
    const base64 = lines.slice(headersEnd + 1).filter((line) => !line.startsWith('='))
    return { kind, bytes: Buffer.from(base64.join(''), 'base64') }
  })
}

/** The packets up to the first that cannot be read: what is cut off at the end is left out. */
export function packetsOf(bytes: Buffer): Packet[] {
  const packets: Packet[] = []
  let at = 0
  while (at < bytes.length) {
    const packet = packetAt(bytes, at)
    if (!packet || packet.end > bytes.length) break
    packets.push(packet)
    at = packet.end
  }
  return packets
}

function packetAt(bytes: Buffer, start: number): Packet | undefined {
  const header = bytes[start]!
  if ((header & 0x80) === 0) return undefined
  const isNew = (header & 0x40) !== 0
  const size = isNew ? newSize(bytes, start + 1) : oldSize(bytes, { at: start + 1, kind: header & 3 })
  if (!size) return undefined
  const tag = isNew ? header & 0x3f : (header >> 2) & 0x0f
  const end = size.from + size.length
  return { tag, body: bytes.subarray(size.from, end), start, end }
}

interface Size {
  /** Where the body starts. */
  from: number
  length: number
}

// Bodies in parts, whose length is not known beforehand, do not occur before the packets that we look at.
function newSize(bytes: Buffer, at: number): Size | undefined {
  const first = bytes[at]
  if (first === undefined) return undefined
  if (first < 192) return { from: at + 1, length: first }
  if (first < 224 && at + 1 < bytes.length)
    return { from: at + 2, length: ((first - 192) << 8) + bytes[at + 1]! + 192 }
  if (first === 255 && at + 4 < bytes.length) return { from: at + 5, length: bytes.readUInt32BE(at + 1) }
  return undefined
}

function oldSize(bytes: Buffer, { at, kind }: { at: number; kind: number }): Size | undefined {
  // As gpg writes what it has compressed: up to the end.
  if (kind === 3) return { from: at, length: bytes.length - at }
  const width = [1, 2, 4][kind]
  if (width === undefined || at + width > bytes.length) return undefined
  return { from: at + width, length: bytes.readUIntBE(at, width) }
}

/** The key id, 16 upper-case digits, that a session key packet is for; undefined for any other packet. */
export function recipientId({ tag, body }: Packet): string | undefined {
  if (tag !== packetTags.sessionKey || body[0] !== 3 || body.length < 10) return undefined
  return body.subarray(1, 9).toString('hex').toUpperCase()
}

/** What a sender writes in place of a key id that is nobody's business (gpg --throw-keyids). */
export const hiddenId = '0000000000000000'

/** A key with its subkeys as it stands in a keyring: one for each primary key. */
export interface KeyBlock {
  /** Upper-case fingerprints; the first is that of the primary key. */
  fingerprints: string[]
  secret: boolean
  bytes: Buffer
}

/** The keys of a keyring of OpenPGP packets (secring.gpg, pubring.gpg, the inside of an armored file). */
export function keyBlocks(bytes: Buffer): KeyBlock[] {
  const { secretKey, publicKey, secretSubkey, publicSubkey } = packetTags
  const blocks: { fingerprints: string[]; secret: boolean; start: number; end: number }[] = []
  for (const { tag, body, start, end } of packetsOf(bytes)) {
    const isPrimary = tag === secretKey || tag === publicKey
    if (isPrimary) blocks.push({ fingerprints: [], secret: tag === secretKey, start, end })
    const block = blocks.at(-1)
    if (!block) continue
    block.end = end
    if (isPrimary || tag === secretSubkey || tag === publicSubkey) block.fingerprints.push(fingerprint(body))
  }
  return blocks.map(({ start, end, ...block }) => ({ ...block, bytes: bytes.subarray(start, end) }))
}

/** Of a version 4 key; a version we do not know gives '', which is no key's. */
function fingerprint(body: Buffer): string {
  const length = publicLength(body)
  if (body[0] !== 4 || length === undefined) return ''
  const head = Buffer.from([0x99, length >> 8, length & 0xff])
  return createHash('sha1').update(head).update(body.subarray(0, length)).digest('hex').toUpperCase()
}

/** How many integers (MPIs) the public part of each algorithm has. */
const integers: Record<number, number> = { 1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 18: 1, 19: 1, 22: 1 }

/** How many bytes it has in the algorithms of RFC 9580. */
const fixed: Record<number, number> = { 25: 32, 26: 56, 27: 32, 28: 57 }

// A secret key packet starts with the public part, and only that is in the fingerprint.
function publicLength(body: Buffer): number | undefined {
  const algorithm = body[5] ?? 0
  if (fixed[algorithm]) return 6 + fixed[algorithm]
  let at = 6
  if ([18, 19, 22].includes(algorithm)) at += 1 + (body[at] ?? 0)
  const count = integers[algorithm]
  if (count === undefined) return undefined
  for (let index = 0; index < count; index++) {
    if (at + 2 > body.length) return undefined
    at += 2 + Math.ceil(body.readUInt16BE(at) / 8)
  }
  if (algorithm === 18) at += 1 + (body[at] ?? 0)
  return at <= body.length ? at : undefined
}
