import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { TaskError } from '../../../cli/errors.ts'

/** The bytes of an archive from front to back. */
export interface ArchiveBytes {
  /** So many, or fewer at the end. */
  take(count: number): Promise<Buffer>
  /** Passes over so many; false where there are fewer. */
  skip(count: number): Promise<boolean>
  close(): Promise<void>
}

/** Opens an archive; one that gzip packed is unpacked while it is read. Of others, what is skipped is not read at all. */
export async function openArchive(file: string): Promise<ArchiveBytes> {
  const handle = await open(file, 'r')
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return plainBytes(handle)
  await handle.close()
  return packedBytes(file)
}

async function plainBytes(handle: FileHandle): Promise<ArchiveBytes> {
  const { size } = await handle.stat()
  let position = 0
  return {
    async take(count) {
      const buffer = Buffer.alloc(count)
      const { bytesRead } = await handle.read(buffer, 0, count, position)
      position += bytesRead
      return buffer.subarray(0, bytesRead)
    },
    async skip(count) {
      position += count
      return position <= size
    },
    close: () => handle.close(),
  }
}

function packedBytes(file: string): ArchiveBytes {
  const input = createReadStream(file)
  const stream = input.pipe(createGunzip())
  input.on('error', (error) => stream.destroy(error))
  const parts = stream[Symbol.asyncIterator]()
  let left: Buffer = Buffer.alloc(0)
  const next = async (): Promise<boolean> => {
    const { value, done } = await parts.next().catch((error: Error) => {
      throw new TaskError(`it cannot be unpacked: ${error.message}`, { cause: error })
    })
    if (!done) left = value as Buffer
    return !done
  }
  const pass = async (count: number, hear: (part: Buffer) => void) => {
    let missing = count
    while (missing > 0 && (left.length > 0 || (await next()))) {
      const part = left.subarray(0, missing)
      left = left.subarray(part.length)
      missing -= part.length
      hear(part)
    }
    return missing === 0
  }
  return {
    async take(count) {
      const taken: Buffer[] = []
      await pass(count, (part) => taken.push(part))
      return Buffer.concat(taken)
    },
    skip: (count) => pass(count, () => {}),
    async close() {
      stream.destroy()
      input.destroy()
    },
  }
}
