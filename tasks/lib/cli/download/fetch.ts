/** A download that did not come through: the network, the server, not the file's integrity. Another way may do. */
export class DownloadError extends Error {}

export interface FetchOptions {
  signal: AbortSignal
  /** Also from a server that does not encrypt: for what is compared with a digest or a fingerprint known before. */
  allowHttp?: boolean
}

/** Opens a URL; only https, or http on this machine unless told, redirects included. A page for people is no release. */
export async function fetchRelease(
  url: string,
  { signal, allowHttp = false }: FetchOptions,
): Promise<Response> {
  expectSafe(url, allowHttp)
  const response = await fetch(url, { signal, redirect: 'follow' }).catch((error: Error) => {
    signal.throwIfAborted()
    throw new DownloadError(`${url}: ${reasonOf(error)}`)
  })
  try {
    expectSafe(response.url, allowHttp)
    if (!response.ok) throw new DownloadError(`${url}: the server answers ${response.status}`)
    if (/^text\/html/i.test(response.headers.get('content-type') ?? '')) {
      throw new DownloadError(`${url}: a web page came instead of the file`)
    }
    return response
  } catch (error) {
    await response.body?.cancel()
    throw error
  }
}

/** A small text file of a publisher. */
export async function fetchText(url: string, { signal, allowHttp }: FetchOptions): Promise<string> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(30_000)])
  const response = await fetchRelease(url, { signal: limit, allowHttp })
  return response.text()
}

/** True when the network lets us through to a host within the time; any answer counts. */
export async function isReachable(url: string, options: { seconds: number; signal: AbortSignal }) {
  const limit = AbortSignal.any([options.signal, AbortSignal.timeout(options.seconds * 1000)])
  try {
    const response = await fetch(url, { method: 'HEAD', signal: limit, redirect: 'manual' })
    await response.body?.cancel()
    return true
  } catch {
    options.signal.throwIfAborted()
    return false
  }
}

/** What undici says is "fetch failed"; why stands in the cause. */
export function reasonOf(error: Error): string {
  const cause = error.cause as (Error & { code?: string }) | undefined
  return cause?.message || cause?.code || error.message
}

function expectSafe(url: string, allowHttp: boolean): void {
  const { protocol, hostname } = new URL(url)
  const isLocal = hostname === '127.0.0.1' || hostname === 'localhost'
  if (protocol === 'https:' || (protocol === 'http:' && (isLocal || allowHttp))) return
  throw new DownloadError(`${url}: not over https`)
}
