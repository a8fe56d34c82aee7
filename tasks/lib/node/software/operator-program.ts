import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { cacheFolder } from '../../cli/download/cache-folder.ts'
import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import type { Cluster } from '../../config/model.ts'
import { openReleaseSource } from './release-source.ts'
import { type Architecture, type Release, releaseOf } from './releases.ts'
import { programVersions } from './versions.ts'

/** The path of a program of etcd's release for this very machine, verified, in the version that the cluster has. */
export async function operatorProgram(
  name: 'etcd' | 'etcdctl' | 'etcdutl',
  { cluster, progress }: { cluster: Cluster; progress: Progress },
): Promise<string> {
  const release = releaseOf('etcd', { version: programVersions(cluster).etcd, arch: ownArchitecture(name) })
  const releases = await openReleaseSource(cluster.software)
  const refusal = releases.refusal(release.path)
  if (refusal) throw new TaskError(refusal.message, { findings: [refusal] })
  const folder = join(cacheFolder('releases'), releases.digest(release.path)!)
  const program = join(folder, release.folder!, name)
  if (await stat(program).catch(() => undefined)) return program
  await unpack((await releases.get(release, progress)).path, { folder, release, signal: progress.signal })
  return program
}

function ownArchitecture(name: string): Architecture {
  const arch =
    process.platform === 'linux'
      ? { x64: 'amd64' as const, arm64: 'arm64' as const }[process.arch as 'x64']
      : undefined
  if (arch) return arch
  throw new TaskError(`there is no ${name} for ${process.platform} on ${process.arch} here`, {
    hint: 'run the same command on a machine with Linux',
  })
}

async function unpack(
  archive: string,
  { folder, release, signal }: { folder: string; release: Release; signal: AbortSignal },
): Promise<void> {
  await mkdir(cacheFolder('releases'), { recursive: true })
  const work = await mkdtemp(`${folder}.`)
  try {
    await run(['tar', '-xzf', archive, '-C', work], { signal })
    await stat(join(work, release.folder!))
    // Whoever was faster has unpacked the same.
    await rename(work, folder).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
