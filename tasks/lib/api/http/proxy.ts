import { BlockList, isIP, type Socket } from 'node:net'
import { TaskError } from '../../cli/errors.ts'
import { NoAnswerError } from '../errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/**
 * The HTTP proxy to reach a server through: proxy-url of the kubeconfig, else HTTPS_PROXY or HTTP_PROXY unless
 * NO_PROXY names the host. Only CONNECT proxies (http://, https:// not): SOCKS is refused with an error.
 */
export function proxyFor(
  server: URL,
  { proxyUrl, environment }: { proxyUrl?: string; environment: Environment },
): URL | undefined {
  if (proxyUrl) return checkedProxy(proxyUrl, 'proxy-url of the kubeconfig')
  const name = server.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const value = environment[name] || environment[name.toLowerCase()]
  if (!value || isExcluded(server, environment.NO_PROXY || environment.no_proxy || '')) return undefined
  return checkedProxy(value.includes('://') ? value : `http://${value}`, name)
}

function checkedProxy(value: string, origin: string): URL {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url?.protocol === 'http:') return url
  throw new TaskError(`${origin}: a proxy is expected as http://HOST:PORT, which CONNECT is asked of`, {
    hint: 'give an HTTP proxy (SOCKS and https:// proxies are not supported), or add the server to NO_PROXY',
  })
}

/** NO_PROXY as Go programs read it: names with their subdomains, addresses, ranges, "*"; loopback always. */
function isExcluded(server: URL, noProxy: string): boolean {
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase()
  if (host === 'localhost' || isWithin(host, '127.0.0.0/8') || host === '::1') return true
  return noProxy
    .split(',')
    .map((entry) => entry.trim().toLowerCase())
    .filter((entry) => entry !== '')
    .some((entry) =>
      matches({ host, port: server.port || (server.protocol === 'http:' ? '80' : '443') }, entry),
    )
}

function matches({ host, port }: { host: string; port: string }, entry: string): boolean {
  if (entry === '*') return true
  if (entry.includes('/')) return isWithin(host, entry)
  if (isIP(entry)) return host === entry
  const [, name = entry, wantedPort = port] = entry.match(/^\[?(.*?)\]?:(\d+)$/) ?? []
  if (wantedPort !== port) return false
  if (isIP(host)) return host === name
  const bare = name.replace(/^\*?\./, '')
  return host.endsWith(`.${bare}`) || host === name
}

function isWithin(host: string, range: string): boolean {
  const [address = '', prefix] = range.split('/')
  const family = isIP(address)
  if (isIP(host) === 0 || isIP(host) !== family) return false
  const list = new BlockList()
  list.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

/** Asks the proxy for a tunnel to the target over a connected socket. */
export async function openTunnel(
  socket: Socket,
  { proxy, target }: { proxy: URL; target: { host: string; port: number } },
): Promise<void> {
  const host = isIP(target.host) === 6 ? `[${target.host}]` : target.host
  const authority = `${host}:${target.port}`
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization(proxy)}\r\n`)
  const status = await tunnelStatus(socket)
  if (status === 200) return
  socket.destroy()
  const refusal = `proxy ${proxy.host} refuses a tunnel to ${authority}: ${status}`
  // The proxy is there and its backend is not: that may change, as a refused connection may.
  if (status >= 500) throw new NoAnswerError(refusal, { sent: false })
  throw new TaskError(refusal, { hint: 'correct proxy-url in the kubeconfig, or add the server to NO_PROXY' })
}

function authorization({ username, password }: URL): string {
  if (!username) return ''
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Proxy-Authorization: Basic ${Buffer.from(text).toString('base64')}\r\n`
}

/** Reads the answer's head and not a byte more: what follows belongs to TLS. */
function tunnelStatus(socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0)
    const timer = setTimeout(() => socket.destroy(), 10_000)
    const done = () => {
      clearTimeout(timer)
      socket.off('readable', read).off('close', fail)
    }
    const fail = () => {
      done()
      reject(new NoAnswerError('the proxy closed the connection', { sent: false }))
    }
    const read = () => {
      for (let chunk = socket.read(1); chunk; chunk = socket.read(1)) {
        head = Buffer.concat([head, chunk])
        if (!head.subarray(-4).equals(Buffer.from('\r\n\r\n'))) continue
        done()
        return resolve(Number(head.toString('latin1').split(' ')[1]))
      }
    }
    socket.on('readable', read).on('close', fail)
    read()
  })
}
