import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { DownloadError, isReachable } from '../../cli/download/fetch.ts'
import { TaskError } from '../../cli/errors.ts'
import { withLock } from '../control-plane/lock.ts'
import { announceBuild, buildProgram, findGo } from './build.ts'
import { cacheDirectory, cachedFile, isCached, platform } from './cache.ts'
import { downloadProgram } from './download.ts'
import { officialSources, releaseOf, type Sources } from './releases.ts'
import { versionOf } from './version-of.ts'
import { type ProgramName, programVersion, versions } from './versions.ts'

const workPrefix = 'unfinished-'

/** Puts programs into the cache: official downloads where the network lets us, else builds. */
export async function obtainPrograms(
  names: ProgramName[],
  options: Progress & { sources?: Sources },
): Promise<void> {
  const directory = cacheDirectory()
  await mkdir(directory, { recursive: true })
  await withLock(join(directory, 'lock'), {
    ...options,
    what: 'another run gets the programs',
    work: async () => {
      await removeUnfinished(directory)
      const folder = await mkdtemp(join(directory, workPrefix))
      try {
        await obtainInto(folder, { ...options, names })
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
  })
}

type Options = Progress & { names: ProgramName[]; sources?: Sources }

async function obtainInto(folder: string, options: Options): Promise<void> {
  const missing: ProgramName[] = []
  // Whoever held the lock before may have got them.
  for (const name of options.names) if (!(await isCached(name))) missing.push(name)
  if (missing.length === 0) return
  const { left, reason } = await downloadAll(missing, { ...options, folder })
  if (left.length > 0) await buildAll(left, { ...options, folder, reason })
}

/** Downloads what it can; what is left has to be built, for the reason given. */
async function downloadAll(names: ProgramName[], options: Options & { folder: string }) {
  const { sources = officialSources, signal } = options
  const { os, arch } = platform()
  const probe = `${sources.kubernetes}/release/v${versions.kubernetes}/bin/${os}/${arch}/kubectl.sha256`
  options.say(`looking for ${new URL(sources.kubernetes).host}`)
  if (!(await isReachable(probe, { seconds: 3, signal }))) {
    return { left: names, reason: `${new URL(sources.kubernetes).host} does not answer` }
  }
  const left: ProgramName[] = []
  let reason = `no official release for ${os} on ${arch}`
  for (const name of names) {
    const release = releaseOf(name, { os, arch, sources })
    try {
      if (release) await keep(name, await downloadProgram(release, { ...options, name }))
      else left.push(name)
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error
      reason = error.message
      options.say(reason)
      left.push(name)
    }
  }
  return { left, reason }
}

async function buildAll(names: ProgramName[], options: Options & { folder: string; reason: string }) {
  const go = await findGo(options.signal)
  if (!go) throw noWay(names, options.reason)
  await announceBuild(names, { ...options, go })
  for (const name of names) await keep(name, await buildProgram(name, { ...options, go }))
}

function noWay(names: ProgramName[], reason: string): TaskError {
  const list = names.map((name) => `${name} ${programVersion(name)}`).join(', ')
  return new TaskError(
    `the sandbox needs ${list}: not on PATH, not in the cache, no download (${reason}), no Go to build them with`,
    {
      hint: 'connect to the network and run again, or install Go 1.26, or name a folder that has them: SANDBOX_BIN=FOLDER',
    },
  )
}

/** Into the cache in one step, once the program says that it is what it should be. */
async function keep(name: ProgramName, file: string): Promise<void> {
  const version = await versionOf(name, file)
  if (version !== programVersion(name)) {
    throw new TaskError(
      `the ${name} that came says it is ${version ?? 'nothing that runs here'}, not ${programVersion(name)}`,
    )
  }
  await rename(file, cachedFile(name))
}

/** What a killed run left behind: nobody works on it while we hold the lock. */
async function removeUnfinished(directory: string): Promise<void> {
  for (const entry of await readdir(directory)) {
    if (entry.startsWith(workPrefix)) await rm(join(directory, entry), { recursive: true, force: true })
  }
}
