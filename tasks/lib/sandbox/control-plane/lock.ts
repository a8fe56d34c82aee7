import { mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { isSameProcess, startTimeOf } from './process.ts'
import { isMissing } from './state.ts'

interface Holder {
  pid: number
  started: string
}

/**
 * Runs work while no other process holds the same lock file. A lock whose holder has died is taken over.
 * `what` is said while waiting: "another run is starting the sandbox".
 */
export async function withLock<T>(
  file: string,
  options: Progress & { what: string; work: () => Promise<T> },
): Promise<T> {
  while (!(await tryLock(file))) {
    options.signal.throwIfAborted()
    const holder = await readHolder(file)
    if (holder && (await isSameProcess(holder.pid, holder.started))) {
      options.say(`waiting: ${options.what} (process ${holder.pid})`)
      await sleep(200)
    } else {
      await breakLock(file)
    }
  }
  try {
    return await options.work()
  } finally {
    await rm(file, { force: true })
  }
}

async function tryLock(file: string): Promise<boolean> {
  // Inside the loop: the one who held the lock may have deleted the folder with it.
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const handle = await open(file, 'wx', 0o600).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST' || error.code === 'ENOENT') return undefined
    throw error
  })
  if (!handle) return false
  const holder: Holder = { pid: process.pid, started: (await startTimeOf(process.pid)) ?? '' }
  await handle.writeFile(JSON.stringify(holder))
  await handle.close()
  return true
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Two who find the same dead lock must not remove each other's new one: only who holds FILE.break may remove. */
async function breakLock(file: string): Promise<void> {
  const breaker = `${file}.break`
  const handle = await open(breaker, 'wx', 0o600).catch(() => undefined)
  if (!handle) {
    await sleep(50)
    if (await isOlderThan(breaker, 10)) await rm(breaker, { force: true })
    return
  }
  await handle.close()
  try {
    const holder = await readHolder(file)
    const isHeld = holder && (await isSameProcess(holder.pid, holder.started))
    // A lock without a holder is one that is being written this moment, unless it stays so.
    if (!isHeld && (holder || (await isOlderThan(file, 2)))) await rm(file, { force: true })
  } finally {
    await rm(breaker, { force: true })
  }
}

async function isOlderThan(file: string, seconds: number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > seconds * 1000
}
