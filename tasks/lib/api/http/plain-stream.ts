import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/**
 * A socket as a stream that HTTP/2 reads and writes through JavaScript. Joined to a TLS socket directly, Node's HTTP/2
 * never hears of a reset that a write ran into, and the session hangs (nodejs/node#61304).
 */
export function plainStream(socket: Socket): Duplex {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk, _encoding, done) => socket.write(chunk, done),
    writev(chunks, done) {
      socket.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
    },
    final: (done) => socket.end(done),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('data', (chunk) => {
    if (!stream.push(chunk)) socket.pause()
  })
  socket.once('end', () => stream.push(null))
  socket.once('error', (error) => stream.destroy(error))
  socket.once('close', () => stream.destroy())
  // The session hears of it as well; unheard here it would end the process.
  stream.on('error', () => {})
  return stream
}
