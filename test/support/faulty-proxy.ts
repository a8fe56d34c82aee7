import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { connect as connectTls, createServer as createTlsServer } from 'node:tls'
import type { Access } from '../../tasks/lib/api/kubeconfig/kubeconfig.ts'
import { type Certificates, createCertificates } from '../../tasks/lib/sandbox/control-plane/certificates.ts'

/** A way through loopback to the real API server that can be spoilt at will. TLS passes through untouched. */
export interface FaultyProxy {
  port: number
  /** How many connections it was asked for. */
  connections: number
  /** Resets every open connection, what is under way included. */
  cut(): void
  /** Open connections stay open and pass nothing on any more: a machine that vanished. New ones work. */
  freeze(): void
  /** Refuses new connections until allowed again, and resets the open ones. */
  refuse(): void
  allow(): Promise<void>
  close(): Promise<void>
}

/** Opens a proxy to a port of loopback. */
export async function openFaultyProxy(target: number): Promise<FaultyProxy> {
  const pairs = new Set<[Socket, Socket]>()
  const server = createServer((client) => {
    proxy.connections++
    pairs.add(joined(client, connect(target, '127.0.0.1')))
  })
  const port = await listen(server)
  const proxy: FaultyProxy = {
    port,
    connections: 0,
    cut() {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
      pairs.clear()
    },
    freeze() {
      for (const [client, backend] of pairs)
        for (const socket of [client.unpipe(), backend.unpipe()]) socket.pause()
    },
    refuse() {
      server.close()
      proxy.cut()
    },
    async allow() {
      await listen(server, port)
    },
    async close() {
      proxy.refuse()
    },
  }
  return proxy
}

/** An HTTP proxy that gives tunnels by CONNECT, and remembers for where. */
export async function openConnectProxy(): Promise<{ port: number; tunnels: string[]; close(): void }> {
  const tunnels: string[] = []
  const sockets = new Set<Socket>()
  const server = createHttpServer().on('connect', (request, client: Socket) => {
    tunnels.push(`${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    const backend = connect(Number(request.url!.split(':')[1]), '127.0.0.1')
    client.write('HTTP/1.1 200 Connection established\r\n\r\n')
    for (const socket of joined(client, backend)) sockets.add(socket)
  })
  const close = () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  }
  return { port: await listen(server), tunnels, close }
}

/** A balancer that ends TLS itself and knows nothing newer than HTTP/1.1. */
export async function openOldBalancer(access: Access): Promise<{
  port: number
  certificates: Certificates
  cut(): void
  close(): void
}> {
  const certificates = await createCertificates('127.0.0.2')
  const { certificate: cert, key } = certificates.apiServer
  const sockets = new Set<Socket>()
  const server = createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (client) => {
    const backend = connectTls({ ...tlsTo(access), ALPNProtocols: ['http/1.1'] })
    for (const socket of joined(client, backend)) sockets.add(socket)
  })
  const cut = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  const close = () => {
    server.close()
    cut()
  }
  return { port: await listen(server), certificates, cut, close }
}

/** What a connection to the server of a kubeconfig with inline certificates needs. */
export function tlsTo({ server, authority, login }: Access) {
  const { hostname: host, port } = server
  return {
    host,
    port: Number(port),
    ca: authority?.text,
    cert: login.certificate?.text,
    key: login.key?.text,
  }
}

/** A kubeconfig for a server, as JSON. */
export function kubeconfigTo(
  server: string,
  { authority, cluster, user = {} }: { authority?: string; cluster?: object; user?: object } = {},
): string {
  const data = authority && { 'certificate-authority-data': Buffer.from(authority).toString('base64') }
  return JSON.stringify({
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, ...data, ...cluster } }],
    users: [{ name: 'test', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  })
}

/** The client certificate of a login as fields of a kubeconfig's user. */
export function certificateUser({ login }: Access): object {
  const base64 = (text = '') => Buffer.from(text).toString('base64')
  return {
    'client-certificate-data': base64(login.certificate?.text),
    'client-key-data': base64(login.key?.text),
  }
}

/** Listens on a free port of loopback, or on the given one. */
export async function listen(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function joined<S extends Socket>(client: S, backend: S): [S, S] {
  client.pipe(backend)
  backend.pipe(client)
  client.on('error', () => backend.destroy()).on('close', () => backend.destroy())
  backend.on('error', () => client.destroy()).on('close', () => client.destroy())
  return [client, backend]
}
