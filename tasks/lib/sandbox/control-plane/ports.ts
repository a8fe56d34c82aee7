import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/** What listens in a sandbox; all of it on 127.0.0.1. */
export interface Ports {
  api: number
  etcd: number
  etcdPeer: number
}

// Below the ports that systems give to outgoing connections: while a server restarts, one of those could take its port,
// even a client's that tries to reach the server (a connection of a socket to itself).
const lowest = 20_000
const highest = 29_999
const mostTries = 1000

/** Ports that nothing listens on right now. Another process may still take one before it is used. */
export async function freePorts(): Promise<Ports> {
  const servers = [await listen(), await listen(), await listen()]
  const [api, etcd, etcdPeer] = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return { api: api!, etcd: etcd!, etcdPeer: etcdPeer! }
}

async function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  for (let tries = 1; ; tries++) {
    const port = randomInt(lowest, highest + 1)
    const server = createServer()
    const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
      server.once('error', resolve).listen(port, '127.0.0.1', () => resolve(undefined))
    })
    if (!error) return { port, close: () => new Promise((resolve) => server.close(() => resolve())) }
    if (error.code !== 'EADDRINUSE' || tries === mostTries) throw error
  }
}
