import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import { environment } from '../config/environment.ts'
import { cachedFile } from './cache.ts'
import { obtainPrograms } from './obtain.ts'
import { type ProgramName, programVersion } from './versions.ts'

/** The path of each program, got from wherever it is to be had: this machine, the cache, a download, a build. */
export async function ensurePrograms(
  names: readonly ProgramName[],
  progress: Progress,
): Promise<Map<ProgramName, string>> {
  const found = await Promise.all(names.map(async (name) => [name, await localProgram(name)] as const))
  const missing = found.filter(([, path]) => path === undefined).map(([name]) => name)
  if (missing.length > 0) await obtainPrograms(missing, progress)
  return new Map(found.map(([name, path]) => [name, path ?? cachedFile(name)]))
}

/** The path of a program that this machine has in the wanted version; gets nothing. */
export async function findProgram(name: ProgramName): Promise<string> {
  const path = await localProgram(name)
  if (path !== undefined) return path
  throw new TaskError(`${name} ${programVersion(name)} is not here yet`, {
    hint: 'get it with the sandbox: tasks sandbox:up',
  })
}

async function localProgram(name: ProgramName): Promise<string | undefined> {
  return (await fromFolder(name)) ?? (await fromCache(name)) ?? (await fromPath(name))
}

/** A folder that was named on purpose: another version there is an error, not something to pass over. */
async function fromFolder(name: ProgramName): Promise<string | undefined> {
  const folder = environment().SANDBOX_BIN
  if (!folder) return undefined
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
  const file = cachedFile(name)
  return (await isExecutable(file)) ? file : undefined
}

async function fromPath(name: ProgramName): Promise<string | undefined> {
  for (const folder of (environment().PATH ?? '').split(delimiter).filter(Boolean)) {
    const file = join(folder, name)
    if ((await isExecutable(file)) && (await versionOf(name, file)) === programVersion(name)) return file
  }
  return undefined
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}

/** What a program says of its own version; undefined when it says nothing that can be read. */
export async function versionOf(name: ProgramName, file: string): Promise<string | undefined> {
  const argv = name === 'kubectl' ? ['version', '--client'] : ['--version']
  try {
    const { stdout } = await promisify(execFile)(file, argv, { timeout: 10_000, env: {} })
    return /v?(\d+\.\d+\.\d+[^\s]*)/.exec(stdout)?.[1]
  } catch {
    return undefined // not a program that runs here: another architecture, a script without its interpreter
  }
}
