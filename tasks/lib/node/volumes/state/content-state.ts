import { gunzipSync } from 'node:zlib'
import { headerOf } from '../../volume-keys/luks2-header.ts'
import { answerOf, type Said, unreadable } from './answers.ts'
import type { ContentState, LuksState } from './volume-state.ts'

const firstBytes = 4096

/** What a logical volume holds, by what was read of it. */
export function readContent(answers: Map<string, Said>, { number }: { number: string }): ContentState {
  refuseOtherDevice(answerOf(answers, 'node'), number)
  const start = readStart(answerOf(answers, 'header'))
  return {
    signatures: readSignatures(answers, { blkid: 'blkid', wipefs: 'wipefs' }),
    isBlank: start.subarray(0, firstBytes).every((byte) => byte === 0),
    luks: readLuks(start),
    holders: answerOf(answers, 'holders')
      .text.split('\n')
      .filter((name) => name !== ''),
  }
}

/** A TaskError where a device file is of another device than the one that is meant. */
function refuseOtherDevice({ text }: Said, number: string): void {
  const [major, minor] = text.split(':').map((part) => Number.parseInt(part, 16))
  if (`${major}:${minor}` !== number) throw unreadable(`its device file is ${major}:${minor}, not ${number}`)
}

/** The signatures that blkid and wipefs find; both are asked, for neither sees all. */
export function readSignatures(
  answers: Map<string, Said>,
  names: { blkid: string; wipefs: string },
): string[] {
  const blkid = answerOf(answers, names.blkid, [0, 2, 8])
  const found = new Set<string>()
  if (blkid.code === 8) found.add('several at once')
  if (blkid.code === 0) {
    for (const [, name] of blkid.text.matchAll(/^(?:TYPE|PTTYPE)=(.*)$/gm)) found.add(name!)
    if (found.size === 0) found.add('something that blkid has no name for')
  }
  for (const { type } of wipefsRows(answerOf(answers, names.wipefs))) found.add(type)
  return [...found]
}

function wipefsRows({ text }: Said): { type: string }[] {
  try {
    const { signatures } = JSON.parse(text) as { signatures: { type: string }[] }
    if (Array.isArray(signatures) && signatures.every(({ type }) => typeof type === 'string'))
      return signatures
  } catch {
    // Told below, as what is no list of signatures.
  }
  throw unreadable('wipefs answered no list of signatures')
}

// A device that cannot be read gives fewer bytes, and no error of its own.
function readStart({ text }: Said): Buffer {
  const [size, packed = ''] = text.trim().split('\n')
  const bytes = unpacked(packed)
  if (bytes.length > 0 && bytes.length === 2 * Number(size)) return bytes
  throw unreadable(`only ${bytes.length} bytes could be read of its start`)
}

function unpacked(text: string): Buffer {
  try {
    return text === '' ? Buffer.alloc(0) : gunzipSync(Buffer.from(text, 'base64'))
  } catch (error) {
    throw unreadable(`its start did not come whole (${(error as Error).message})`)
  }
}

function readLuks(start: Buffer): LuksState | undefined {
  const header = headerOf(start)
  if (!header) return undefined
  const { version, uuid, keyslots, intact, isChanging } = header
  return { version, uuid, keyslots: keyslots.length, isWhole: intact.every(Boolean), isChanging }
}
