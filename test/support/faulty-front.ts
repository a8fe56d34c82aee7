import {
  type ClientHttp2Session,
  connect,
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Access } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import { createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'
import { kubeconfigTo, listen, tlsTo } from './faulty-proxy.ts'

/** What a front does with one request in place of passing it on. */
export type Fault =
  /** Answers by itself; the real server never sees the request. */
  | { status: number; headers?: Record<string, string>; body?: string }
  /** Resets the stream with this HTTP/2 error code; with `after` once the real server has carried it out. */
  | { reset: number; after?: boolean }
  /** Says GOAWAY with this code on the whole connection, and passes the request on all the same. */
  | { goaway: number }
  /** Says nothing for so long, then passes it on. */
  | { delayMs: number }

export interface FrontRequest {
  method: string
  path: string
  /** How often this method and path came before. */
  seen: number
  /** How many requests came before. */
  number: number
}

/** An HTTP/2 server before the real API server; `fault` says what goes wrong with each request. */
export async function openFaultyFront(
  access: Access,
  fault: (request: FrontRequest) => Fault | undefined,
): Promise<{ kubeconfig: string; requests: FrontRequest[]; close(): void }> {
  const certificates = await createCertificates('127.0.0.2')
  const backend = connect(access.server, tlsTo(access))
  const sessions = new Set<ServerHttp2Session>()
  const requests: FrontRequest[] = []
  const { certificate: cert, key } = certificates.apiServer
  const server = createSecureServer({ cert, key }).on('session', (session) => sessions.add(session))
  server.on('stream', (stream, headers) => {
    const request = describe(headers, requests)
    requests.push(request)
    stream.on('error', () => {})
    serve(stream, { headers, backend, fault: fault(request) }).catch(() => stream.destroy())
  })
  const port = await listen(server)
  const close = () => {
    server.close()
    for (const session of [...sessions, backend]) session.destroy()
  }
  const kubeconfig = kubeconfigTo(`https://127.0.0.1:${port}`, {
    authority: certificates.authority.certificate,
  })
  return { kubeconfig, requests, close }
}

function describe(headers: IncomingHttpHeaders, requests: FrontRequest[]): FrontRequest {
  const [method, path] = [String(headers[':method']), String(headers[':path'])]
  const seen = requests.filter((other) => other.method === method && other.path === path).length
  return { method, path, seen, number: requests.length }
}

async function serve(
  stream: ServerHttp2Stream,
  options: { headers: IncomingHttpHeaders; backend: ClientHttp2Session; fault?: Fault },
): Promise<void> {
  const { fault } = options
  if (fault && 'status' in fault) {
    stream.respond({ ':status': fault.status, ...fault.headers })
    stream.end(fault.body ?? '')
    return
  }
  if (fault && 'reset' in fault && !fault.after) return stream.close(fault.reset)
  if (fault && 'goaway' in fault) stream.session?.goaway(fault.goaway)
  if (fault && 'delayMs' in fault) await new Promise((resolve) => setTimeout(resolve, fault.delayMs))
  const answer = await passOn(stream, options)
  if (stream.destroyed) return
  if (fault && 'reset' in fault) return stream.close(fault.reset)
  stream.respond(answer.headers)
  stream.end(answer.body)
}

/** Asks the real server and gives its whole answer. */
async function passOn(
  stream: ServerHttp2Stream,
  { headers, backend }: { headers: IncomingHttpHeaders; backend: ClientHttp2Session },
): Promise<{ headers: IncomingHttpHeaders; body: Buffer }> {
  const { ':authority': _authority, ':scheme': _scheme, host: _host, ...rest } = headers
  const request = backend.request(rest)
  request.on('error', () => {})
  stream.pipe(request)
  // A request that its sender gave up would else stay open behind us, and a hundred of them block all others.
  stream.once('close', () => {
    if (!stream.readableEnded) request.close(constants.NGHTTP2_CANCEL)
  })
  const answer = new Promise<IncomingHttpHeaders>((resolve) => request.once('response', resolve))
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const { ':status': status, 'content-type': type, 'retry-after': after } = await answer
  const passed = { ':status': status, 'content-type': type, ...(after && { 'retry-after': after }) }
  return { headers: passed as IncomingHttpHeaders, body: Buffer.concat(chunks) }
}

/** HTTP/2 error codes by name. */
export const codes = {
  none: constants.NGHTTP2_NO_ERROR,
  protocol: constants.NGHTTP2_PROTOCOL_ERROR,
  internal: constants.NGHTTP2_INTERNAL_ERROR,
  refused: constants.NGHTTP2_REFUSED_STREAM,
}
