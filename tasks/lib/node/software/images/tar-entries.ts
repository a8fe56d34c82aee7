import { TaskError } from '../../../cli/errors.ts'
import type { ArchiveBytes } from './archive-bytes.ts'

/** One file of a tar archive, while the archive is read from front to back. */
export interface TarEntry {
  name: string
  bytes: number
  /** Its content, at most 64 MiB unless told; what is not read is passed over. */
  content(most?: number): Promise<Buffer>
}

const block = 512
const limit = 64 * 1024 * 1024

/** The regular files of an archive in its order: ustar, with the long names of GNU and of pax. */
export async function* tarEntries(archive: ArchiveBytes): AsyncGenerator<TarEntry> {
  let longName: string | undefined
  for (;;) {
    const head = await archive.take(block)
    if (head.length < block || head.every((byte) => byte === 0)) return
    const { name, bytes, type } = readHeader(head)
    const padding = (block - (bytes % block)) % block
    if (type === 'L' || type === 'x') {
      const text = (await archive.take(bytes)).toString()
      await archive.skip(padding)
      longName = type === 'L' ? text.replace(/\0.*$/s, '') : (paxPath(text) ?? longName)
      continue
    }
    let isRead = false
    const content = async (most = limit) => {
      if (bytes > most) throw new TaskError(`${name} in it is too long to be a list: ${bytes} bytes`)
      isRead = true
      return archive.take(bytes)
    }
    if (type === '0') yield { name: cleanName(longName ?? name), bytes, content }
    const isWhole = await archive.skip(isRead ? padding : bytes + padding)
    if (!isWhole) throw new TaskError(`it ends in the middle of ${longName ?? name}`)
    longName = undefined
  }
}

function readHeader(head: Buffer): { name: string; bytes: number; type: string } {
  const text = (from: number, length: number) =>
    head.toString('utf8', from, from + length).replace(/\0.*$/s, '')
  const number = (from: number, length: number) => Number.parseInt(text(from, length).trim() || '0', 8)
  const sum = head.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0)
  if (number(148, 8) !== sum) throw new TaskError('it is no tar archive, or damaged: a checksum is wrong')
  const prefix = text(257, 5) === 'ustar' && head[345] !== 0 && head[263] === 0x30 ? `${text(345, 155)}/` : ''
  return { name: prefix + text(0, 100), bytes: sizeOf(head), type: text(156, 1) || '0' }
}

// From 8 GiB on GNU writes it as a number of eight bytes, marked by the first bit.
function sizeOf(head: Buffer): number {
  if (head[124]! & 0x80) return Number(head.readBigUInt64BE(128))
  return Number.parseInt(head.toString('latin1', 124, 136).replace(/[\0 ].*$/s, '') || '0', 8)
}

function paxPath(text: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(text)?.[1]
}

function cleanName(name: string): string {
  return name.replace(/^(\.\/)+/, '')
}
