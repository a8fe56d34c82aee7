import type { Socket } from 'node:net'
import { dial, type Endpoint } from './dial.ts'
import type { Transport } from './http.ts'
import { http1Transport } from './http1.ts'
import { http2Transport } from './http2.ts'

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
