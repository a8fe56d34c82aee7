import { statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { isReachable } from '../cli/download/fetch.ts'
import { TaskError } from '../cli/errors.ts'
import { freePorts } from '../sandbox/control-plane/ports.ts'
import { findGo, type Toolchain } from '../sandbox/programs/build.ts'
import { cacheDirectory } from '../sandbox/programs/cache.ts'
import { localProgram } from '../sandbox/programs/programs.ts'
import { officialSources } from '../sandbox/programs/releases.ts'
import { type ProgramName, programNames, programVersion } from '../sandbox/programs/versions.ts'
import { type Result, resultsOf } from './result.ts'

/** How the sandbox's programs can be had; the doctor's own questions unless a test answers them. */
export interface Ways {
  here(name: ProgramName): Promise<string | undefined>
  isOnline(): Promise<boolean>
  go(): Promise<Toolchain | undefined>
  /** Bytes. */
  freeDisk(folder: string): Promise<number | undefined>
  memory: number
}

/** The ways of this machine, with the folder that SANDBOX_BIN names. */
export function waysHere({ folder, signal }: { folder?: string; signal: AbortSignal }): Ways {
  return {
    here: (name) => localProgram(name, folder),
    isOnline: () => isReachable(officialSources.kubernetes, { seconds: 3, signal }),
    go: () => findGo(signal),
    freeDisk: async (path) => {
      const disk = await statfs(path).catch(() => undefined)
      return disk && disk.bavail * disk.bsize
    },
    memory: totalmem(),
  }
}

/** What the sandbox needs of this machine. `isNeeded`: without it there is no target at all. */
export async function sandboxNeeds(ways: Ways, { isNeeded }: { isNeeded: boolean }): Promise<Result[]> {
  const results: Result[] = []
  const absent: ProgramName[] = []
  for (const name of programNames) {
    try {
      const path = await ways.here(name)
      if (path === undefined) absent.push(name)
      else results.push({ name: titleOf(name), state: 'good', detail: path })
    } catch (error) {
      if (!(error instanceof TaskError)) throw error
      results.push(...resultsOf(error.findings, titleOf(name)))
    }
  }
  if (absent.length > 0) results.push(...(await absentResults(absent, { ways, isNeeded })))
  return [...results, memoryResult(ways.memory), await portsResult()]
}

function titleOf(name: ProgramName): string {
  return `${name} ${programVersion(name)}`
}

async function absentResults(
  names: ProgramName[],
  { ways, isNeeded }: { ways: Ways; isNeeded: boolean },
): Promise<Result[]> {
  const hint = 'tasks sandbox:up'
  const all = (state: Result['state'], { detail, hint }: { detail: string; hint: string }): Result[] =>
    names.map((name) => ({ name: titleOf(name), state, detail, hint }))
  if (await ways.isOnline()) return all('good', { detail: 'not here yet, will be downloaded', hint })
  const go = await ways.go()
  if (!go) {
    const ways = 'not on PATH, not in the cache, no network to download it, no Go to build it'
    const help =
      'connect to the network, or apt install golang (1.26), or SANDBOX_BIN=FOLDER with the programs'
    return all(isNeeded ? 'missing' : 'warning', { detail: ways, hint: help })
  }
  const built = all('good', { detail: `not here yet, no network: will be built with ${go.version}`, hint })
  return [...built, ...(await diskResults(go, ways))]
}

const gigabyte = 1e9

async function diskResults({ cache }: Toolchain, { freeDisk }: Ways): Promise<Result[]> {
  const free = (await freeDisk(cache)) ?? (await freeDisk(cacheDirectory()))
  if (free === undefined) return []
  const detail = `${(free / gigabyte).toFixed(1)} GB free in ${cache}, a first build takes 5 GB`
  if (free >= 5 * gigabyte) return [{ name: 'disk', state: 'good', detail }]
  const hint = 'make room, or let Go use another disk: GOCACHE=FOLDER tasks sandbox:up'
  return [{ name: 'disk', state: free < 2 * gigabyte ? 'missing' : 'warning', detail, hint }]
}

/** A control plane with its nodes takes about 1 GB. */
export function memoryResult(bytes: number): Result {
  const detail = `${(bytes / gigabyte).toFixed(1)} GB`
  if (bytes >= 2 * gigabyte) return { name: 'memory', state: 'good', detail }
  const hint = 'end other programs before tasks sandbox:up'
  return { name: 'memory', state: 'warning', detail: `${detail}, the sandbox takes about 1 GB of it`, hint }
}

async function portsResult(): Promise<Result> {
  try {
    await freePorts()
    return { name: 'ports', state: 'good', detail: 'free ones on 127.0.0.1' }
  } catch (error) {
    const detail = `none to be had on 127.0.0.1: ${(error as Error).message}`
    return { name: 'ports', state: 'missing', detail, hint: 'see what holds them: ss -ltn' }
  }
}
