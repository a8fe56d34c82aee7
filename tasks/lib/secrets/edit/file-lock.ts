import { closeSync, openSync, realpathSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { SecretError } from '../errors.ts'

/** A file is compared and written in milliseconds: a lock that is older was left by a run that was killed. */
const staleAfterMilliseconds = 10_000

/** Does work while no other run of ours writes the file: what is read in it is still so when it writes. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const file = realpathSync(path)
  const lock = join(dirname(file), `.${basename(file)}.lock`)
  while (!isTaken(lock)) await wait(10)
  try {
    return await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

function isTaken(lock: string): boolean {
  try {
    closeSync(openSync(lock, 'wx', 0o600))
    return true
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'EEXIST')
      throw new SecretError(`cannot be written, nothing was changed: ${message}`, {
        code: 'writeOutput',
        cause: error,
      })
    const age = Date.now() - (statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now())
    if (age > staleAfterMilliseconds) rmSync(lock, { force: true })
    return false
  }
}
