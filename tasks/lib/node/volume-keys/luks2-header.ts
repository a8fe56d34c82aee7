import { createHash } from 'node:crypto'
import { gunzipSync } from 'node:zlib'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { LuksHeader } from './luks-header.ts'
import { luks1HeaderOf } from './luks1-header.ts'

const usualCopyBytes = 16384
const binaryBytes = 4096
const magics = ['LUKS\xba\xbe', 'SKUL\xba\xbe']

/**
 * Shell that prints both copies of a header, gzipped in base64. It only reads: cryptsetup itself would mend a damaged
 * copy on the way.
 */
export function headerProbe(device: string): string {
  const from = quote(device)
  return [
    `size=$(od -An -tu8 --endian=big -j8 -N8 ${from} | tr -d ' ')`,
    `case $size in 16384|32768|65536|131072|262144|524288|1048576|2097152|4194304) ;; *) size=${usualCopyBytes} ;; esac`,
    'echo $size',
    `dd if=${from} bs=4096 count=$((size / 2048)) 2>/dev/null | gzip -nc | base64 -w0`,
  ].join('\n')
}

/** The header in what headerProbe printed; undefined where there is none. Throws where it was not read to its end. */
export function readHeader(printed: string): LuksHeader | undefined {
  const [size, packed = ''] = printed.trim().split('\n')
  const bytes = packed === '' ? Buffer.alloc(0) : gunzipSync(Buffer.from(packed, 'base64'))
  if (bytes.length === 0 || bytes.length !== 2 * Number(size))
    throw new TaskError('the LUKS header could not be read to its end', { hint: 'look at the disk: dmesg' })
  return headerOf(bytes)
}

/** The header at the start of a device's bytes. */
export function headerOf(bytes: Buffer): LuksHeader | undefined {
  const first = readCopy(bytes, { at: 0, magic: magics[0]! })
  const second = readCopy(bytes, { at: first?.bytes ?? usualCopyBytes, magic: magics[1]! })
  const [newest] = [first, second]
    .filter((copy) => copy !== undefined)
    .sort((one, other) => Number(other.sequence - one.sequence))
  if (!newest) return luks1HeaderOf(bytes)
  const { uuid, label, subsystem, json, sequence } = newest
  // One that is older would be written anew by cryptsetup's next look at it.
  const intact: LuksHeader['intact'] = [first?.sequence === sequence, second?.sequence === sequence]
  return { version: 2, uuid, label, subsystem, copyBytes: newest.bytes, intact, ...readJson(json) }
}

interface Copy {
  bytes: number
  sequence: bigint
  uuid: string
  label: string
  subsystem: string
  json: string
}

function readCopy(all: Buffer, { at, magic }: { at: number; magic: string }): Copy | undefined {
  const binary = all.subarray(at, at + binaryBytes)
  if (binary.length < binaryBytes || binary.toString('latin1', 0, 6) !== magic) return undefined
  if (binary.readUInt16BE(6) !== 2) return undefined
  const bytes = Number(binary.readBigUInt64BE(8))
  const copy = all.subarray(at, at + bytes)
  if (copy.length !== bytes || !agrees(copy)) return undefined
  return {
    bytes,
    sequence: binary.readBigUInt64BE(16),
    label: textAt(binary, 24, 48),
    uuid: textAt(binary, 168, 40),
    subsystem: textAt(binary, 208, 48),
    json: textAt(copy, binaryBytes, bytes - binaryBytes),
  }
}

// The checksum is that of the copy with the checksum's own field empty.
function agrees(copy: Buffer): boolean {
  const algorithm = textAt(copy, 72, 32)
  if (!/^sha(1|224|256|384|512)$/.test(algorithm)) return false
  const blank = Buffer.from(copy)
  blank.fill(0, 448, 512)
  const sum = createHash(algorithm).update(blank).digest()
  return sum.equals(copy.subarray(448, 448 + sum.length))
}

function textAt(bytes: Buffer, at: number, length: number): string {
  const field = bytes.subarray(at, at + length)
  const end = field.indexOf(0)
  return field.toString('utf8', 0, end < 0 ? length : end)
}

interface Json {
  keyslots?: Record<string, { kdf?: { type: string }; area: { offset: string; size: string } }>
  tokens?: Record<string, { type: string; keyslots: string[] }>
  config?: { requirements?: { mandatory?: string[] } }
}

function readJson(text: string) {
  const { keyslots = {}, tokens = {}, config } = JSON.parse(text) as Json
  return {
    fingerprint: createHash('sha256').update(text).digest('hex'),
    keyslots: Object.entries(keyslots).map(([slot, { kdf, area }]) => ({
      slot: Number(slot),
      kdf: kdf?.type ?? '',
      offset: Number(area.offset),
      bytes: Number(area.size),
    })),
    tokens: Object.values(tokens).map(({ type, keyslots: of }) => ({ type, keyslots: of.map(Number) })),
    isChanging: (config?.requirements?.mandatory ?? []).length > 0,
  }
}
