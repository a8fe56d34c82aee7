import { createReadStream } from 'node:fs'

/** A file of this machine that goes into an archive. */
export interface PackedFile {
  /** At most 100 characters. */
  name: string
  path: string
  bytes: number
}

const block = 512

/** The files as a tar archive (POSIX.1-1988, ustar), read while it is sent. */
export async function* tarStream(files: readonly PackedFile[]): AsyncGenerator<Uint8Array> {
  for (const file of files) {
    yield header(file)
    let sent = 0
    for await (const part of createReadStream(file.path, { highWaterMark: 256 * 1024 })) {
      sent += (part as Buffer).length
      yield part as Buffer
    }
    if (sent !== file.bytes) throw new Error(`${file.path} changed while it was read`)
    yield Buffer.alloc((block - (sent % block)) % block)
  }
  yield Buffer.alloc(2 * block)
}

function header({ name, bytes }: PackedFile): Buffer {
  const head = Buffer.alloc(block)
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`
  const fields: [offset: number, text: string][] = [
    [0, name],
    [100, octal(0o644, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(bytes, 11)],
    [136, octal(0, 11)],
    [148, ' '.repeat(8)],
    [156, '0'],
    [257, 'ustar\u000000'],
  ]
  for (const [offset, text] of fields) head.write(text, offset, 'latin1')
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return head
}
