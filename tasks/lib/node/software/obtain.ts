import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { Progress } from '../../cli/change.ts'
import { DownloadError } from '../../cli/download/fetch.ts'
import { receive } from '../../cli/download/receive.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Software } from '../../config/kubeadm-model.ts'
import type { Release } from './releases.ts'
import type { PackedFile } from './tar-stream.ts'

export interface ObtainOptions {
  sha256: string
  /** The folder that keeps downloads by their SHA-256. */
  cache: string
  software: Pick<Software, 'folder' | 'mirror'>
  isInFolder: boolean
  progress: Progress
}

/** The verified file of a release as it is sent: an archive as it is, a bare program compressed. */
export async function obtainRelease(release: Release, options: ObtainOptions): Promise<PackedFile> {
  const { cache, sha256 } = options
  const isArchive = release.folder !== undefined
  const kept = join(cache, isArchive ? sha256 : `${sha256}.gz`)
  const name = sentName(release)
  // What is kept was verified when it was put there, under the name of its digest.
  const bytes = await sizeOf(kept)
  if (bytes !== undefined) return { name, path: kept, bytes }
  await mkdir(cache, { recursive: true })
  await removeUnfinished(cache)
  const work = await mkdtemp(join(cache, unfinished))
  try {
    const file = await verifiedFile(release, { ...options, work })
    if (isArchive && options.isInFolder) return { name, path: file, bytes: (await stat(file)).size }
    await rename(isArchive ? file : await compressed(file, work), kept)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
  return { name, path: kept, bytes: (await stat(kept)).size }
}

/** What the machine finds in the archive that it is sent. */
export function sentName({ path, folder }: Pick<Release, 'path' | 'folder'>): string {
  return folder === undefined ? `${basename(path)}.gz` : basename(path)
}

async function verifiedFile(release: Release, options: ObtainOptions & { work: string }): Promise<string> {
  const { software, isInFolder, sha256 } = options
  const inFolder = join(software.folder ?? '', release.path)
  const file = isInFolder ? inFolder : join(options.work, 'download')
  const from = isInFolder ? inFolder : urlOf(release, software)
  const found = isInFolder ? await sha256Of(inFolder) : await download(from, { ...options, file, release })
  if (found === sha256) return file
  throw new TaskError(`${from} is not what its project published: SHA-256 ${found}, expected ${sha256}`, {
    hint: isInFolder
      ? `remove it, and get it again: rm ${inFolder}`
      : 'nothing was kept; somebody between here and there changes files, or the mirror is damaged: try another network',
  })
}

/** Where a release is downloaded. */
export function urlOf({ path }: Pick<Release, 'path'>, { mirror }: Pick<Software, 'mirror'> = {}): string {
  return `${mirror?.replace(/\/+$/, '') ?? 'https:/'}/${path}`
}

async function download(
  url: string,
  { file, release, software, progress }: ObtainOptions & { file: string; release: Release },
): Promise<string> {
  // What comes is compared with a digest that was known before: a mirror may do without encryption.
  const options = {
    ...progress,
    file,
    name: basename(release.path),
    allowHttp: software.mirror !== undefined,
  }
  try {
    return await receive(url, options)
  } catch (error) {
    if (!(error instanceof DownloadError)) throw error
    throw new TaskError(error.message, {
      hint: 'without a network: software: { folder: … } or { mirror: … } in cluster.yaml; tasks node:software --urls says what has to be there',
      cause: error,
    })
  }
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

async function compressed(file: string, work: string): Promise<string> {
  const packed = join(work, 'packed')
  await pipeline(createReadStream(file), createGzip({ level: 1 }), createWriteStream(packed))
  return packed
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(() => undefined))?.size
}

const unfinished = 'unfinished-'
const aDay = 24 * 3600 * 1000

/** What runs that were killed left behind. */
async function removeUnfinished(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    const folder = join(cache, name)
    const made = name.startsWith(unfinished) && (await stat(folder).catch(() => undefined))
    if (!made || Date.now() - made.mtimeMs < aDay) continue
    await rm(folder, { recursive: true, force: true })
  }
}
