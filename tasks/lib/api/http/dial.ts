import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { TaskError } from '../../cli/errors.ts'
import { NoAnswerError } from '../errors.ts'
import { openTunnel } from './proxy.ts'

/** Where a server is and how it is reached. */
export interface Endpoint {
  url: URL
  proxy?: URL
  /** Certificates as PEM and the rest of what TLS needs, read anew for every connection. */
  tls(): Promise<ConnectionOptions>
}

const connectTimeoutMs = 10_000

/** A connected socket; over TLS its alpnProtocol says "h2" or "http/1.1". */
export async function dial(endpoint: Endpoint): Promise<Socket> {
  const { url, proxy } = endpoint
  try {
    const socket = await connected(proxy ? addressOf(proxy) : addressOf(url))
    if (proxy) await openTunnel(socket, { proxy, target: addressOf(url) })
    return url.protocol === 'https:' ? await secured(socket, endpoint) : socket
  } catch (error) {
    throw dialError(error, endpoint)
  }
}

/** Host and port of a URL; an IPv6 host without its brackets. */
function addressOf(url: URL): { host: string; port: number } {
  const port = url.port ? Number(url.port) : url.protocol === 'https:' ? 443 : 80
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port }
}

function connected(address: { host: string; port: number }): Promise<Socket> {
  const socket = connectTcp({ ...address, noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 })
  return ready(socket, 'connect')
}

async function secured(socket: Socket, { url, tls }: Endpoint): Promise<TLSSocket> {
  const options = await tls()
  const { host } = addressOf(url)
  const servername = options.servername ?? (isIP(host) ? undefined : host)
  const secure = connectTls({ ...options, socket, host, servername, ALPNProtocols: ['h2', 'http/1.1'] })
  return ready(secure, 'secureConnect')
}

function ready<S extends Socket>(socket: S, event: string): Promise<S> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => socket.destroy(codedError('ETIMEDOUT')), connectTimeoutMs)
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      socket.off('close', closed).off(event, connected)
      finish()
    }
    const closed = () => settle(() => reject(codedError('ECONNRESET')))
    const connected = () => settle(() => resolve(socket))
    // Stays: between two owners an error must not end the process.
    socket.on('error', (error) => settle(() => reject(error)))
    socket.once('close', closed).once(event, connected)
  })
}

function codedError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

const notThere = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT'],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EAI_AGAIN', 'ENOTFOUND'],
])

/** What may come back by itself is a NoAnswerError; what no repetition mends is an error that names the cause. */
function dialError(error: unknown, { url, proxy }: Endpoint): Error {
  if (error instanceof TaskError) return error
  const { code = '', message } = error as NodeJS.ErrnoException
  const at = proxy ? `${url.origin} (through proxy ${proxy.host})` : url.origin
  if (notThere.has(code)) {
    return new NoAnswerError(`API server ${at} does not answer: ${message || code}`, {
      sent: false,
      cause: error,
    })
  }
  return new TaskError(`no secure connection to API server ${at}: ${message}`, {
    hint: tlsHint(code),
    cause: error,
  })
}

function tlsHint(code: string): string {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return 'use a server address that its certificate names, or set tls-server-name in the kubeconfig'
  }
  if (code === 'CERT_HAS_EXPIRED') return "renew the server's certificate: kubeadm certs renew apiserver"
  if (/SELF_SIGNED|UNABLE_TO/.test(code)) {
    return 'set certificate-authority-data in the kubeconfig to the authority that signed the server certificate'
  }
  return 'check server and certificates of this cluster in the kubeconfig'
}
