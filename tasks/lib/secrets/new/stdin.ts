import type { Readable } from 'node:stream'
import { UsageError } from '../../cli/errors.ts'

/** More than fits into a Secret, with room for what JSON and base64 add. */
const mostBytes = 4 * 1024 * 1024

/**
 * All of stdin as text; '' where nothing has come after so many seconds, so that a pipe that nobody writes to holds
 * nothing up. Once something came it is read to its end.
 */
export async function readInput(
  input: Readable,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<string> {
  const bytes = await collect(input, { seconds, signal })
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new UsageError('stdin is not UTF-8 text', {
      hint: 'give other bytes as a file: --from-file KEY=FILE',
    })
  }
}

function collect(
  input: Readable,
  { seconds, signal }: { seconds: number; signal: AbortSignal },
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  let timer: NodeJS.Timeout | undefined
  return new Promise<Buffer>((resolve, reject) => {
    const done = () => resolve(Buffer.concat(chunks))
    timer = setTimeout(done, seconds * 1000)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    input.on('data', (chunk: Buffer | string) => {
      clearTimeout(timer)
      const bytes = Buffer.from(chunk as string)
      size += bytes.length
      if (size > mostBytes) reject(new UsageError('stdin is too long for a Secret, which holds 1 MiB'))
      chunks.push(bytes)
    })
    input.once('end', done).once('close', done).once('error', reject)
  }).finally(() => {
    clearTimeout(timer)
    // An open pipe would keep the process from ending.
    input.destroy()
  })
}
