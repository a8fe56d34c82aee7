import { createHash } from 'node:crypto'
import type { Keyslot, LuksHeader } from './luks-header.ts'

const headerBytes = 592
const active = 0x00ac71f3

/** The LUKS1 header at the start of a device's bytes. Source: LUKS1 on-disk format specification 1.2.3. */
export function luks1HeaderOf(bytes: Buffer): LuksHeader | undefined {
  const header = bytes.subarray(0, headerBytes)
  if (header.length < headerBytes || header.toString('latin1', 0, 6) !== 'LUKS\xba\xbe') return undefined
  if (header.readUInt16BE(6) !== 1) return undefined
  return {
    version: 1,
    uuid: header.toString('utf8', 168, 208).replace(/\0.*$/s, ''),
    label: '',
    subsystem: '',
    copyBytes: 4096,
    fingerprint: createHash('sha256').update(header).digest('hex'),
    keyslots: Array.from({ length: 8 }, (_, slot) => keyslot(header, slot)).filter(
      (one) => one !== undefined,
    ),
    tokens: [],
    isChanging: false,
    intact: [true, true],
  }
}

function keyslot(header: Buffer, slot: number): Keyslot | undefined {
  const at = 208 + 48 * slot
  if (header.readUInt32BE(at) !== active) return undefined
  const bytes = header.readUInt32BE(108) * header.readUInt32BE(at + 44)
  return { slot, kdf: 'pbkdf2', offset: header.readUInt32BE(at + 40) * 512, bytes }
}
