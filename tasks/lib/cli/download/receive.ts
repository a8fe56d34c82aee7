import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import type { Progress } from '../change.ts'
import { DownloadError, fetchRelease, reasonOf } from './fetch.ts'

/** Without a byte for this long a download has failed. */
const stallSeconds = 30

export interface ReceiveOptions extends Progress {
  /** What it is called while it comes. */
  name: string
  /** Where it is written to. */
  file: string
  /** Also from a server that does not encrypt: for what is checked against a digest known before. */
  allowHttp?: boolean
}

/** Downloads to a file and gives its SHA-256. */
export async function receive(url: string, options: ReceiveOptions): Promise<string> {
  const stall = new AbortController()
  const signal = AbortSignal.any([options.signal, stall.signal])
  const arm = () =>
    setTimeout(() => stall.abort(new Error(`nothing came for ${stallSeconds} s`)), stallSeconds * 1000)
  let timer = arm()
  const output = await open(options.file, 'w', 0o600)
  try {
    const response = await fetchRelease(url, { signal, allowHttp: options.allowHttp })
    const total = Number(response.headers.get('content-length')) || undefined
    const hash = createHash('sha256')
    let bytes = 0
    for await (const part of response.body ?? []) {
      clearTimeout(timer)
      timer = arm()
      await output.writeFile(part)
      hash.update(part)
      bytes += part.length
      options.say(`downloading ${options.name}: ${sizeText(bytes, total)}`)
    }
    return hash.digest('hex')
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof DownloadError) throw error
    throw new DownloadError(`${url}: ${reasonOf(stall.signal.aborted ? stall.signal.reason : error)}`)
  } finally {
    clearTimeout(timer)
    await output.close()
  }
}

/** "12.5 of 80.0 MB" */
function sizeText(bytes: number, total: number | undefined): string {
  const megabytes = (count: number) => (count / 1_000_000).toFixed(1)
  return total === undefined ? `${megabytes(bytes)} MB` : `${megabytes(bytes)} of ${megabytes(total)} MB`
}
