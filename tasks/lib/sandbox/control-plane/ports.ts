import { createServer } from 'node:net'

/** What listens in a sandbox; all of it on 127.0.0.1. */
export interface Ports {
  api: number
  etcd: number
  etcdPeer: number
}

/** Ports that nothing listens on right now. Another process may still take one before it is used. */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all([listen(), listen(), listen()])
  const [api, etcd, etcdPeer] = servers.map(({ port }) => port)
  await Promise.all(servers.map(({ close }) => close()))
  return { api: api!, etcd: etcd!, etcdPeer: etcdPeer! }
}

async function listen(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
