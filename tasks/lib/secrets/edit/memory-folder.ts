import { mkdtempSync, readdirSync, readlinkSync, rmSync, statfsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { environment } from '../../config/environment.ts'

/** Kinds of file systems that are in memory only, as statfs(2) tells them. Source: linux/magic.h. */
const inMemory = [0x01021994, 0x858458f6]

/**
 * A new folder in memory that only this user can enter, for clear text that a program has to read from a file. Throws a
 * TaskError where there is no such place. It is removed by `remove`, and whenever this process ends in an orderly way.
 */
export function memoryFolder(): { path: string; remove(): void } {
  const parent = memoryPlaces().find(isInMemory)
  if (parent === undefined) throw noMemory()
  removeLeftOvers(parent)
  const path = mkdtempSync(join(parent, `${ownPrefix()}${process.pid}-`))
  const remove = () => {
    process.off('exit', remove)
    rmSync(path, { recursive: true, force: true })
  }
  process.on('exit', remove)
  return { path, remove }
}

/** Where folders in memory usually are; the first that is one counts. */
export function memoryPlaces(): string[] {
  const { XDG_RUNTIME_DIR } = environment()
  return [...(XDG_RUNTIME_DIR ? [XDG_RUNTIME_DIR] : []), '/dev/shm']
}

/** Whether a folder is in memory and may be written to. */
export function isInMemory(path: string): boolean {
  try {
    const { type, bavail } = statfsSync(path)
    return inMemory.includes(type >>> 0) && (bavail > 0 || type >>> 0 === inMemory[1])
  } catch {
    return false
  }
}

function noMemory(): TaskError {
  const places = memoryPlaces().join(', ')
  const isMac = process.platform === 'darwin'
  const message = isMac
    ? 'macOS has no file system in memory, and clear text never lies on a disk'
    : `no folder in memory was found (${places}), and clear text never lies on a disk`
  return new TaskError(message, {
    hint: isMac
      ? 'change single values instead: tasks secrets:set NAME KEY'
      : 'mount one: mount -t tmpfs -o size=16m,mode=1777 tmpfs /dev/shm; or change single values: tasks secrets:set NAME KEY',
  })
}

// Process numbers mean something in one namespace of them only: a container may share the folder, but not the numbers.
function ownPrefix(): string {
  const namespace = /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0'
  return `tasks-clear-${namespace}-`
}

// What a run left that was killed outright.
function removeLeftOvers(parent: string): void {
  const prefix = ownPrefix()
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN
    if (pid > 0 && !isRunning(pid)) removeOwn(join(parent, name))
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

// Another user's is theirs to remove.
function removeOwn(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM')
      throw new TaskError(`${basename(path)} cannot be removed: ${message}`)
  }
}
