import { readdir } from 'node:fs/promises'
import type { Progress } from '../../cli/change.ts'
import { cacheFolder } from '../../cli/download/cache-folder.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import type { Software } from '../../config/kubeadm-model.ts'
import { releaseDigests } from './digests.ts'
import { obtainRelease } from './obtain.ts'
import type { Release } from './releases.ts'
import type { PackedFile } from './tar-stream.ts'

/** Where releases come from: this machine's cache, a folder, a mirror, or the projects themselves. */
export interface ReleaseSource {
  /** Said in the plan: "folder /srv/releases". */
  shown: string
  /** The SHA-256 that a release must have. */
  digest(path: string): string | undefined
  /** Why a release is not to be had; undefined where it is, or may be. */
  refusal(path: string): Finding | undefined
  /** The file to send to a machine, verified: the archive, or the program compressed. */
  get(release: Release, progress: Progress): Promise<PackedFile>
}

/** Reads what is there; nothing is downloaded before it is asked for, and then once for all machines. */
export async function openReleaseSource(software: Software): Promise<ReleaseSource> {
  const digests = await releaseDigests(software.digests)
  const present = software.folder === undefined ? undefined : await filesBelow(software.folder)
  const cache = cacheFolder('downloads')
  const kept = new Set(await readdir(cache).catch(() => []))
  const isKept = (path: string) => kept.has(digests.get(path)!) || kept.has(`${digests.get(path)}.gz`)
  const asked = new Map<string, Promise<PackedFile>>()
  return {
    shown: sourceText(software),
    digest: (path) => digests.get(path),
    refusal: (path) =>
      noDigest(path, digests) ?? (isKept(path) ? undefined : notInFolder(path, { present, software })),
    get(release, progress) {
      const { path } = release
      const sha256 = digests.get(path)!
      const isInFolder = present?.has(path) === true
      const getting =
        asked.get(path) ?? obtainRelease(release, { sha256, cache, software, isInFolder, progress })
      // A failure is not kept: what broke may work at the next try.
      getting.catch(() => asked.delete(path))
      asked.set(path, getting)
      return getting
    },
  }
}

async function filesBelow(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder, { recursive: true }).catch((error: Error) => {
    throw new TaskError(`software.folder: ${folder} cannot be read: ${error.message}`, { cause: error })
  })
  return new Set(names)
}

function noDigest(path: string, digests: ReadonlyMap<string, string>): Finding | undefined {
  if (digests.has(path)) return undefined
  return {
    severity: 'error',
    message: `the SHA-256 of ${path} is not known, and without it nothing is installed`,
    hint: 'put what its project publishes into a file of lines "DIGEST  HOST/PATH": software: { digests: FILE }',
  }
}

function notInFolder(
  path: string,
  { present, software }: { present?: ReadonlySet<string>; software: Software },
): Finding | undefined {
  if (!present || present.has(path) || software.mirror) return undefined
  return {
    severity: 'error',
    message: `${software.folder} has no ${path}`,
    hint: `fill it where there is a network: tasks node:software --urls | wget -x -N -P ${software.folder} -i -`,
  }
}

function sourceText({ folder, mirror }: Software): string {
  const from = [folder && `folder ${folder}`, mirror].filter(Boolean)
  return from.length > 0 ? from.join(', then ') : 'the releases of its project'
}
