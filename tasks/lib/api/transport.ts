import type { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { dial, type Endpoint } from './dial.ts'
import { NoAnswerError } from './errors.ts'
import { http1Transport } from './http1.ts'
import { http2Transport } from './http2.ts'

export interface HttpRequest {
  method: string
  /** With its query. */
  path: string
  headers: Record<string, string | string[]>
  body?: string
  /** A watch or a followed log: open for minutes. */
  isStream?: boolean
}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Readable
  /** Resolves when the body is over: true when all of it came. */
  ended: Promise<boolean>
}

export interface Transport {
  /** Sends and gives the head of the answer; NoAnswerError where none comes, the signal's reason when aborted. */
  open(request: HttpRequest, signal: AbortSignal): Promise<Answer>
  /** New requests take new connections: the client certificate changed. */
  retire(): void
  close(): void
}

/** Speaks HTTP/2 where the server offers it by ALPN, else HTTP/1.1; connects with the first request. */
export function createTransport(endpoint: Endpoint): Transport {
  let transport: Transport | undefined
  let dialing: Promise<Transport> | undefined
  let isClosed = false

  async function start(): Promise<Transport> {
    const first = await dial(endpoint)
    const options = { origin: endpoint.url.origin, redial: () => dial(endpoint) }
    transport = speaksHttp2(first) ? http2Transport(first, options) : http1Transport(first, options)
    if (isClosed) transport.close()
    return transport
  }

  return {
    async open(request, signal) {
      dialing ??= start().catch((error) => {
        dialing = undefined
        throw error
      })
      return (await untilAborted(dialing, signal)).open(request, signal)
    },
    retire: () => transport?.retire(),
    close() {
      isClosed = true
      transport?.close()
    },
  }
}

function speaksHttp2(socket: Socket): boolean {
  return 'alpnProtocol' in socket && socket.alpnProtocol === 'h2'
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = () => reject(signal.reason)
    if (signal.aborted) return cancel()
    signal.addEventListener('abort', cancel, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', cancel))
  })
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
