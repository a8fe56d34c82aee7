import { createHash } from 'node:crypto'
import { chmod, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import { expectedDigest } from './digests.ts'
import { DownloadError, fetchRelease, reasonOf } from './fetch.ts'
import type { Release } from './releases.ts'

/** Without a byte for this long a download has failed. */
const stallSeconds = 30

/** Downloads a release into a folder, checks its digest, and gives the path of the program, executable. */
export async function downloadProgram(
  release: Release,
  options: Progress & { name: string; folder: string },
): Promise<string> {
  const { name, folder, signal } = options
  const sha256 = await expectedDigest(release, signal)
  const file = join(folder, `${name}.download`)
  const received = await receive(release.url, { ...options, file })
  if (received !== sha256) {
    throw new TaskError(
      `${release.url} is not what its project published: SHA-256 ${received}, expected ${sha256}`,
      {
        hint: 'nothing was kept; somebody between here and there changes files, or the mirror is damaged: try another network',
      },
    )
  }
  const program = join(folder, name)
  if (release.member) {
    const depth = release.member.split('/').length - 1
    await run(['tar', '-xzf', file, '-C', folder, `--strip-components=${depth}`, release.member], { signal })
  } else {
    await rename(file, program)
  }
  await chmod(program, 0o755)
  return program
}

/** Writes what comes to a file and gives its SHA-256. */
async function receive(url: string, options: Progress & { name: string; file: string }): Promise<string> {
  const stall = new AbortController()
  const signal = AbortSignal.any([options.signal, stall.signal])
  const arm = () =>
    setTimeout(() => stall.abort(new Error(`nothing came for ${stallSeconds} s`)), stallSeconds * 1000)
  let timer = arm()
  const output = await open(options.file, 'w', 0o600)
  try {
    const response = await fetchRelease(url, signal)
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

function sizeText(bytes: number, total: number | undefined): string {
  const megabytes = (count: number) => (count / 1_000_000).toFixed(1)
  return total === undefined ? `${megabytes(bytes)} MB` : `${megabytes(bytes)} of ${megabytes(total)} MB`
}
