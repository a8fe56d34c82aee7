import type { Readable } from 'node:stream'
import { NoAnswerError } from '../errors.ts'

/** A request as both protocols send it. */
export interface HttpRequest {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string | string[]>
  body?: string
  /** A watch or a followed log: open for minutes. */
  isStream?: boolean
}

/** The head of an answer, and its body to be read. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Readable
  /** Resolves when the body is over: true when all of it came. */
  ended: Promise<boolean>
}

/** Connections to one server. */
export interface Transport {
  /** Sends and gives the head of the answer; NoAnswerError where none comes, the signal's reason when aborted. */
  open(request: HttpRequest, signal: AbortSignal): Promise<Answer>
  /** New requests take new connections: the client certificate changed. */
  retire(): void
  close(): void
}

/** The whole body as text; NoAnswerError when it was cut off. */
export async function readText(answer: Answer, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = []
  answer.body.on('data', (chunk: Buffer) => chunks.push(chunk))
  const isWhole = await answer.ended
  if (isWhole) return Buffer.concat(chunks).toString()
  signal.throwIfAborted()
  throw new NoAnswerError('the answer was cut off', { sent: true })
}

/** A promise with its resolve function beside it. */
export function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {}
  const promise = new Promise<T>((done) => {
    resolve = done
  })
  return { promise, resolve }
}
