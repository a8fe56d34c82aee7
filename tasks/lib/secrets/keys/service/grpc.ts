import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectSocket } from 'node:net'

/** Where a key service listens. */
export type Address = { path: string } | { host: string; port: number }

export interface Call {
  /** "KeyService/Encrypt" */
  method: string
  message: Buffer
  seconds: number
  signal?: AbortSignal
}

/** What the status of a call that went well is. Source: grpc.io, "Status codes". */
const ok = '0'
/** A compression flag of one byte and a length of four. */
const frameHeader = 5

/**
 * Calls a method without streaming and gives the message it answers with. Throws a plain Error with the service's own
 * words, or why there is no answer. Source: grpc, PROTOCOL-HTTP2.md.
 */
export async function callGrpc(address: Address, call: Call): Promise<Buffer> {
  const session = connectHttp2('http://localhost', { createConnection: () => connectSocket(address) })
  let lost: Error | undefined
  session.on('error', (error) => {
    lost = error
  })
  const deadline = AbortSignal.timeout(call.seconds * 1000)
  const signal = call.signal ? AbortSignal.any([call.signal, deadline]) : deadline
  try {
    const stream = session.request(requestHeaders(call), { signal })
    // A call that fails at once has its status among the headers, and no trailers.
    let status: IncomingHttpHeaders = {}
    for (const event of ['response', 'trailers']) stream.on(event, (headers) => (status = headers))
    stream.end(framed(call.message))
    const chunks: Buffer[] = []
    for await (const chunk of stream) chunks.push(chunk)
    checkStatus(status)
    return unframed(Buffer.concat(chunks))
  } catch (error) {
    call.signal?.throwIfAborted()
    if (deadline.aborted) throw new Error(`there was no answer within ${call.seconds}s`)
    if (lost) throw new Error(`it does not answer: ${lost.message}`)
    throw error
  } finally {
    session.destroy()
  }
}

function requestHeaders({ method, seconds }: Call) {
  return {
    ':method': 'POST',
    ':path': `/${method}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': `${seconds}S`,
  }
}

function checkStatus(headers: IncomingHttpHeaders): void {
  const status = headers['grpc-status']
  if (status === ok) return
  if (status === undefined) throw new Error('what answered is no key service')
  const message = headers['grpc-message']
  throw new Error(message ? percentDecoded(String(message)) : `it answered with the gRPC status ${status}`)
}

// Only what is encoded well is decoded: the rest is shown as it came.
function percentDecoded(text: string): string {
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  return Buffer.from(bytes, 'latin1').toString()
}

function framed(message: Buffer): Buffer {
  const header = Buffer.alloc(frameHeader)
  header.writeUInt32BE(message.length, 1)
  return Buffer.concat([header, message])
}

function unframed(body: Buffer): Buffer {
  const length = body.length >= frameHeader ? body.readUInt32BE(1) : -1
  if (body[0] !== 0 || body.length !== frameHeader + length) throw new Error('its answer is damaged')
  return body.subarray(frameHeader)
}
