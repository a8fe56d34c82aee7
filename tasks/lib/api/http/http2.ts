import { type ClientHttp2Session, connect } from 'node:http2'
import type { Socket } from 'node:net'
import { NoAnswerError } from '../errors.ts'
import type { Transport } from './http.ts'
import { openStream } from './http2-stream.ts'
import { plainStream } from './plain-stream.ts'

const maxStreams = 100
const pingEveryMs = 10_000
const pingTimeoutMs = 10_000

interface Connection {
  session: ClientHttp2Session
  socket: Socket
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
        if (open.streams++ === 0) open.socket.ref()
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
      try {
        const answer = await openStream(connection.session, { request, signal, origin })
        answer.ended.then(() => release(connection))
        return answer
      } catch (error) {
        release(connection)
        throw error
      }
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
  const connection: Connection = { session, socket, streams: 0, isLeaving: false }
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

function release(connection: Connection): void {
  connection.streams--
  if (connection.streams === 0) connection.socket.unref()
  if (connection.isLeaving) leave(connection)
}
