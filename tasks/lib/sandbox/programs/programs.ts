import { delimiter, join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { environment } from '../../config/environment.ts'
import { cachedFile, isCached, isExecutable } from './cache.ts'
import { obtainPrograms } from './obtain.ts'
import { versionOf } from './version-of.ts'
import { type ProgramName, programVersion } from './versions.ts'

/** Where to look first: SANDBOX_BIN of the environment unless a configuration names a folder. */
export interface ProgramOptions {
  folder?: string
}

/** The path of each program, got from wherever it is to be had: this machine, the cache, a download, a build. */
export async function ensurePrograms(
  names: readonly ProgramName[],
  progress: Progress & ProgramOptions,
): Promise<Map<ProgramName, string>> {
  const found = await Promise.all(
    names.map(async (name) => [name, await localProgram(name, progress.folder)] as const),
  )
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0) await obtainPrograms(missing, progress)
  return new Map(found.map(([name, path]) => [name, path ?? cachedFile(name)]))
}

/**
 * The path of a program that this machine has in the wanted version; gets nothing. Undefined where there is none: only
 * a wrong version in a folder that was named is an error.
 */
export async function localProgram(
  name: ProgramName,
  folder = environment().SANDBOX_BIN,
): Promise<string | undefined> {
  return (
    (folder ? await fromFolder(name, folder) : undefined) ?? (await fromCache(name)) ?? (await fromPath(name))
  )
}

/** A folder that was named on purpose: another version there is an error, not something to pass over. */
async function fromFolder(name: ProgramName, folder: string): Promise<string | undefined> {
  const file = join(folder, name)
  if (!(await isExecutable(file))) return undefined
  const version = await versionOf(name, file)
  if (version === programVersion(name)) return file
  throw new TaskError(
    `${file} is ${version ? `version ${version}` : 'of no known version'}, the sandbox needs ${programVersion(name)}`,
    { hint: `put ${name} ${programVersion(name)} there, or unset SANDBOX_BIN to let it be fetched` },
  )
}

async function fromCache(name: ProgramName): Promise<string | undefined> {
  return (await isCached(name)) ? cachedFile(name) : undefined
}

async function fromPath(name: ProgramName): Promise<string | undefined> {
  for (const folder of (environment().PATH ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, name)
    if ((await isExecutable(file)) && (await versionOf(name, file)) === programVersion(name)) return file
  }
  return undefined
}
