import { setMaxListeners } from 'node:events'
import { type Finding, TaskError } from '../cli/errors.ts'
import { environment } from '../config/environment.ts'
import { type Credentials, createCredentials, readPem } from './http/credentials.ts'
import type { Endpoint } from './http/dial.ts'
import type { RequestOptions } from './http/exchange.ts'
import { proxyFor } from './http/proxy.ts'
import { type Counts, createRequester, type Requester } from './http/request.ts'
import { createTransport } from './http/transport.ts'
import { type Access, loadKubeconfig } from './kubeconfig/kubeconfig.ts'
import { askExecPlugin } from './kubeconfig/kubeconfig-exec.ts'
import type { KubeconfigText } from './kubeconfig/kubeconfig-files.ts'
import { createDiscovery, type Discovery } from './objects/discovery.ts'
import { type ListOptions, listObjects, type ObjectList } from './objects/list.ts'
import { createObjects, type Objects } from './objects/objects.ts'
import { type WatchEvent, type WatchOptions, watchObjects } from './objects/watch.ts'
import type { Resource } from './resource.ts'

/** One API server, as one context of a kubeconfig reaches it. */
export interface ApiClient extends Objects {
  /** "https://10.0.0.1:6443" */
  server: string
  /** The context's namespace: where namespaced objects without one are. */
  namespace: string
  /** Warnings about the kubeconfig. */
  findings: Finding[]
  /** What the server warned of in its answers, each once: deprecated versions, unknown fields. */
  warnings: ReadonlySet<string>
  /** Requests so far, one for each however often it was sent again; with dryRun=All they are no writes. */
  counts: Readonly<Counts>
  /** Any request: the parsed JSON, or the text of another type. */
  request<T>(method: string, path: string, options?: RequestOptions): Promise<T>
  /** The kinds that the server offers, read once. */
  discovery(): Promise<Discovery>
  list(resource: Resource, options?: ListOptions): Promise<ObjectList>
  watch(resource: Resource, options: WatchOptions): AsyncIterable<WatchEvent>
  close(): void
}

export interface ConnectOptions {
  /** The kubeconfig's current context unless named. */
  context?: string
  /** Aborted: nothing new starts and nothing is waited for; what is in flight ends by itself. */
  signal?: AbortSignal
  /** Is told while the server does not answer. */
  say?: (text: string) => void
  /** How long a server that stopped answering is waited for: 60 unless given. */
  patienceSeconds?: number
}

/** Opens a kubeconfig; the first request connects. A file may be a list in the form of KUBECONFIG. */
export async function connect(
  kubeconfig: string | KubeconfigText,
  options: ConnectOptions = {},
): Promise<ApiClient> {
  const access = loadKubeconfig(kubeconfig, options)
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  // Each request that waits listens to it.
  setMaxListeners(0, signal)
  const { exec } = access.login
  const credentials = createCredentials(access.login, exec && (() => askExecPlugin(exec)))
  const transport = createTransport(endpointOf(access, credentials))
  const { say = () => {}, patienceSeconds = 60 } = options
  const server = access.server.href.replace(/\/$/, '')
  const from = typeof kubeconfig === 'string' ? kubeconfig : kubeconfig.title
  const login = `context "${access.context}" of ${from}`
  const requester = createRequester({ server, login, transport, credentials, signal, say, patienceSeconds })
  return clientOf(requester, {
    access,
    close() {
      stop.abort(new TaskError(`the connection to API server ${server} was closed`))
      transport.close()
    },
  })
}

function endpointOf(access: Access, credentials: Credentials): Endpoint {
  const { server: url, proxyUrl, tlsServerName: servername, isUnverified } = access
  return {
    url,
    proxy: proxyFor(url, { proxyUrl, environment: environment() }),
    async tls() {
      const ca = await readPem(access.authority)
      return { ca, servername, rejectUnauthorized: !isUnverified, ...(await credentials.certificate()) }
    },
  }
}

function clientOf(requester: Requester, { access, close }: { access: Access; close(): void }): ApiClient {
  const { namespace, findings, server } = access
  const { request, counts, warnings } = requester
  let kinds: Promise<Discovery> | undefined
  function discovery(): Promise<Discovery> {
    kinds ??= createDiscovery(requester).catch((error) => {
      kinds = undefined
      throw error
    })
    return kinds
  }
  return {
    server: server.href.replace(/\/$/, ''),
    ...{ namespace, findings, warnings, counts, request, discovery, close },
    ...createObjects({ requester, discovery, namespace }),
    list: (resource, options) => listObjects(requester, { resource, ...options }),
    watch: (resource, options) => watchObjects(requester, { resource, ...options }),
  }
}
