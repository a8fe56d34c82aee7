import { Readable } from 'node:stream'
import type { Input } from '../machine.ts'

/** What one attempt writes to the client's stdin. */
export interface OpenInput {
  content: Buffer | Readable
  /** Aborted when the stream broke: what came of it must not look like its end. */
  signal: AbortSignal
  /** Throws why it broke. */
  throwIfBroken(): void
  close(): void
}

/** The head, and after it the input: a stream is opened here. */
export function openInput(head: Buffer, input: Input = ''): OpenInput {
  const broken = new AbortController()
  if (typeof input !== 'function') {
    const content = Buffer.concat([head, Buffer.from(input)])
    return { content, signal: broken.signal, throwIfBroken: () => {}, close: () => {} }
  }
  const content = Readable.from(joined(head, input), { objectMode: false })
  content.on('error', (error) => broken.abort(error))
  return {
    content,
    signal: broken.signal,
    throwIfBroken: () => broken.signal.throwIfAborted(),
    close: () => content.destroy(),
  }
}

async function* joined(head: Buffer, input: () => AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head
  yield* input()
}
