import type { Readable } from 'node:stream'

/** Reads a stream piece by piece. After its end lines and pieces are shorter than asked for. */
export interface ByteReader {
  /** The next line, without its line end. */
  line(): Promise<string>
  take(length: number): Promise<Buffer>
  /** Leaves so many bytes out, without holding them. */
  skip(length: number): Promise<void>
}

export function byteReader(stream: Readable): ByteReader {
  const source: AsyncIterator<Buffer> = stream[Symbol.asyncIterator]()
  // Asked for at once: node throws away what nobody waits for when the program at the other end is done.
  let coming = source.next()
  let held: Buffer = Buffer.alloc(0)
  let ended = false
  const fill = async (length: number) => {
    const parts = [held]
    for (let got = held.length; got < length && !ended; ) {
      const { value, done } = await coming
      if (done) ended = true
      else {
        coming = source.next()
        parts.push(value)
        got += value.length
      }
    }
    if (parts.length > 1) held = Buffer.concat(parts)
  }
  const take = async (length: number) => {
    if (held.length < length) await fill(length)
    const piece = held.subarray(0, length)
    held = held.subarray(length)
    return piece
  }
  return {
    take,
    async line() {
      while (!held.includes(10) && !ended) await fill(held.length + 1)
      const end = held.indexOf(10)
      return (await take(end < 0 ? held.length : end + 1)).toString().trimEnd()
    },
    async skip(length) {
      for (let left = length; left > 0 && !(ended && held.length === 0); ) {
        left -= (await take(Math.min(left, Math.max(held.length, 1)))).length
      }
    },
  }
}
