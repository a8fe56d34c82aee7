import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fetchText } from '../../cli/download/fetch.ts'
import { TaskError } from '../../cli/errors.ts'
import { environment } from '../../config/environment.ts'
import { isMissing, writeWhole } from '../control-plane/state.ts'
import type { Release } from './releases.ts'

/**
 * The SHA-256 that a release must have. One that the publisher names over TLS is recorded at the first download;
 * when the publisher names another later, the download is refused.
 */
export async function expectedDigest(release: Release, signal: AbortSignal): Promise<string> {
  if (release.digest.kind === 'known') return release.digest.sha256
  const published = await publishedDigest(release.digest, signal)
  const locked = await readLock()
  const before = locked[release.url]
  if (before === published) return published
  if (before !== undefined) {
    throw new TaskError(
      `the publisher of ${release.url} now names the digest ${published}, at the first download it was ${before}`,
      { hint: `do not use it before you know why; to trust the new one, remove its line from ${lockFile()}` },
    )
  }
  await writeWhole(lockFile(), `${JSON.stringify({ ...locked, [release.url]: published }, null, 2)}\n`)
  return published
}

async function publishedDigest(
  digest: Exclude<Release['digest'], { kind: 'known' }>,
  signal: AbortSignal,
): Promise<string> {
  const text = await fetchText(digest.url, { signal })
  const found = digest.kind === 'file' ? text : (assetDigest(text, digest.asset) ?? '')
  const hex = /^(?:sha256:)?([0-9a-f]{64})\b/i.exec(found.trim())?.[1]
  if (hex === undefined) throw new TaskError(`${digest.url} holds no SHA-256 digest`)
  return hex.toLowerCase()
}

function assetDigest(text: string, asset: string): string | undefined {
  try {
    const { assets = [] } = JSON.parse(text) as { assets?: { name?: string; digest?: string }[] }
    return assets.find(({ name }) => name === asset)?.digest
  } catch {
    return undefined
  }
}

/** The record of digests seen; it outlives the cache. */
function lockFile(): string {
  const home = environment().XDG_STATE_HOME || join(homedir(), '.local', 'state')
  return join(home, 'metaltasks', 'programs.lock.json')
}

async function readLock(): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(lockFile(), 'utf8')) as Record<string, string>
  } catch (error) {
    if (isMissing(error)) return {}
    if (!(error instanceof SyntaxError)) throw error
    throw new TaskError(`${lockFile()} is damaged: ${error.message}`, {
      hint: `remove it to record the digests anew: rm ${lockFile()}`,
    })
  }
}
