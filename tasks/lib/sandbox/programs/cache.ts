import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import { cacheFolder } from '../../cli/download/cache-folder.ts'
import { type ProgramName, programVersion } from './versions.ts'

/** The folder that keeps programs for all projects of a user. */
export function cacheDirectory(): string {
  return cacheFolder('programs')
}

/** Where the cache keeps a program: its name says all that matters about it. */
export function cachedFile(name: ProgramName): string {
  const { os, arch } = platform()
  return join(cacheDirectory(), `${name}-${programVersion(name)}-${os}-${arch}`)
}

/** This machine in the words of Go and of release pages. */
export function platform(): { os: string; arch: string } {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch }
}

/** True when the cache has a program; what is there was checked when it was put there. */
export function isCached(name: ProgramName): Promise<boolean> {
  return isExecutable(cachedFile(name))
}

/** True for a file that may be run. */
export function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  )
}
