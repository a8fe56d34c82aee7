import { connect, createServer, type Socket } from 'node:net'

/**
 * A TCP proxy on loopback that keeps every byte for some milliseconds on its way, in its own process so that it
 * takes no time from what is measured. argv: the server's port and the delay one way. To its parent it says its port,
 * and, asked, how long the connections since the last question were in use.
 */
const [target = 0, delayMilliseconds = 0] = process.argv.slice(2).map(Number)
let first = 0
let last = 0

const server = createServer({ noDelay: true }, (client) => {
  if (first === 0) first = performance.now()
  const backend = connect({ port: target, host: '127.0.0.1', noDelay: true })
  carry(client, backend)
  carry(backend, client)
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }))
process.on('disconnect', () => process.exit())
process.on('message', () => {
  process.send?.({ seconds: first === 0 ? 0 : (last - first) / 1000 })
  first = 0
})

// Every piece waits as long, so that they stay in order.
function carry(from: Socket, to: Socket): void {
  const later = (act: () => void) => (delayMilliseconds === 0 ? act() : setTimeout(act, delayMilliseconds))
  from.on('data', (bytes) => {
    last = performance.now() + delayMilliseconds
    later(() => to.write(bytes))
  })
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
}
