import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2'
import type { Socket } from 'node:net'
import { NoAnswerError } from './errors.ts'
import { plainStream } from './plain-stream.ts'
import { type Answer, type HttpRequest, type Transport, withResolvers } from './transport.ts'

const maxStreams = 100
const pingEveryMs = 10_000
const pingTimeoutMs = 10_000

interface Connection {
  session: ClientHttp2Session
  streams: number
  /** The server said GOAWAY: what is open may end, nothing new starts. */
  isLeaving: boolean
}

/** HTTP/2 over as few connections as carry the streams: one, and another when all are full or leaving. */
export function http2Transport(
  first: Socket,
  { origin, redial }: { origin: string; redial: () => Promise<Socket> },
): Transport {
  const connections = new Set<Connection>()
  let dialing: Promise<unknown> | undefined
  let isClosed = false

  function add(socket: Socket): void {
    const connection = openConnection(socket, origin)
    connections.add(connection)
    connection.session.once('close', () => connections.delete(connection))
    if (isClosed) connection.session.destroy()
  }

  /** A connection with one more stream counted on it. */
  async function reserve(): Promise<Connection> {
    for (;;) {
      const open = [...connections].find(hasRoom)
      if (open) {
        // An idle connection does not keep the program alive; one with a stream does.
        if (open.streams++ === 0) open.session.ref()
        return open
      }
      if (isClosed) throw new NoAnswerError('the connection was closed', { sent: false })
      dialing ??= redial()
        .then(add)
        .finally(() => {
          dialing = undefined
        })
      await dialing
    }
  }

  add(first)
  return {
    async open(request, signal) {
      const connection = await reserve()
      return openStream(connection, { request, signal, origin })
    },
    retire() {
      for (const connection of connections) leave(connection)
    },
    close() {
      isClosed = true
      for (const { session } of connections) session.destroy()
    },
  }
}

function openConnection(socket: Socket, origin: string): Connection {
  const stream = plainStream(socket)
  const session = connect(origin, {
    createConnection: () => stream,
    // Memory that one session may hold, in MB: large objects many at a time.
    maxSessionMemory: 512,
    settings: { enablePush: false, initialWindowSize: 1 << 20 },
  })
  const connection: Connection = { session, streams: 0, isLeaving: false }
  session.once('connect', () => session.setLocalWindowSize(1 << 24))
  session.once('goaway', () => leave(connection))
  // Each stream reports its own end; a session's error has nothing to add.
  session.on('error', () => leave(connection))
  watchPulse(connection)
  return connection
}

/** A machine that vanished sends no reset: an unanswered ping ends the connection, and its streams with it. */
function watchPulse(connection: Connection): void {
  const { session } = connection
  const pulse = setInterval(() => {
    if (session.destroyed || session.closed) return
    const timer = setTimeout(() => session.destroy(new Error('ping was not answered')), pingTimeoutMs)
    timer.unref()
    session.ping((error) => {
      clearTimeout(timer)
      if (error) connection.isLeaving = true
    })
  }, pingEveryMs)
  pulse.unref()
  session.once('close', () => clearInterval(pulse))
}

function leave(connection: Connection): void {
  connection.isLeaving = true
  if (connection.streams === 0) connection.session.close()
}

function hasRoom({ session, streams, isLeaving }: Connection): boolean {
  if (isLeaving || session.closed || session.destroyed) return false
  return streams < Math.min(maxStreams, session.remoteSettings?.maxConcurrentStreams ?? maxStreams)
}

function openStream(
  connection: Connection,
  { request, signal, origin }: { request: HttpRequest; signal: AbortSignal; origin: string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = startStream(connection, { request, origin })
    const cancel = () => stream.close(constants.NGHTTP2_CANCEL)
    signal.addEventListener('abort', cancel, { once: true })
    const { promise, resolve: ended } = withResolvers<boolean>()
    let cause: unknown
    stream.on('error', (error) => {
      cause = error
    })
    stream.once('close', () => {
      signal.removeEventListener('abort', cancel)
      release(connection)
      ended(stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted && !cause)
      reject(signal.aborted ? signal.reason : unanswered(stream, { origin, cause }))
    })
    stream.once('response', (headers) => {
      resolve({ status: Number(headers[':status']), headers, body: stream, ended: promise })
    })
  })
}

function startStream(
  connection: Connection,
  { request, origin }: { request: HttpRequest; origin: string },
): ClientHttp2Stream {
  const { method, path, headers, body } = request
  try {
    const stream = connection.session.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body === undefined },
    )
    if (body !== undefined) stream.end(body)
    return stream
  } catch (error) {
    connection.isLeaving = true
    release(connection)
    throw new NoAnswerError(`API server ${origin} closed the connection`, { sent: false, cause: error })
  }
}

function release(connection: Connection): void {
  connection.streams--
  if (connection.streams === 0 && !connection.session.destroyed) connection.session.unref()
  if (connection.isLeaving) leave(connection)
}

/** A stream that never got an id, or that the server refused, was certainly not acted on. */
function unanswered(
  stream: ClientHttp2Stream,
  { origin, cause }: { origin: string; cause: unknown },
): NoAnswerError {
  const sent = stream.id !== undefined && stream.rstCode !== constants.NGHTTP2_REFUSED_STREAM
  return new NoAnswerError(`API server ${origin} closed the connection before it answered`, { sent, cause })
}
