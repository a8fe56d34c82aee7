import { hostname, userInfo } from 'node:os'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { setLease } from '../lease.ts'
import type { Machine } from '../machine.ts'
import { type HeldLock, type LockOptions, lockMachine } from './held-lock.ts'

/** "alice@laptop: tasks install (pid 4711)" */
export function holderText(command: string): string {
  return `${userInfo().username}@${hostname()}: ${command} (pid ${process.pid})`
}

/**
 * Takes the lock of each machine, all or none, and gives what returns them. From then on nothing is sent to a machine
 * whose lock was lost. Throws a TaskError that names every holder.
 */
export async function lockMachines(machines: Machine[], options: LockOptions): Promise<() => Promise<void>> {
  const attempts = await Promise.allSettled(machines.map((machine) => lockMachine(machine, options)))
  const locks = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []))
  const failures = attempts.flatMap((attempt) => (attempt.status === 'rejected' ? [attempt.reason] : []))
  if (failures.length > 0) {
    await Promise.all(locks.map((lock) => lock.release()))
    throw asOne(failures)
  }
  for (const lock of locks) setLease(lock.machine, lock.check)
  return () => releaseAll(locks)
}

async function releaseAll(locks: HeldLock[]): Promise<void> {
  for (const lock of locks) setLease(lock.machine, undefined)
  const lost = locks.filter((lock) => lock.isLost())
  await Promise.all(locks.map((lock) => lock.release()))
  if (lost.length === 0) return
  const names = lost.map(({ machine }) => machine.label).join(', ')
  throw new TaskError(`the lock of ${names} was lost during the run: another run may have worked there`, {
    hint: 'look at what is there: run the same command again',
  })
}

function asOne(failures: unknown[]): unknown {
  const other = failures.find((failure) => !(failure instanceof TaskError))
  if (other || failures.length === 1) return other ?? failures[0]
  const findings: Finding[] = failures.flatMap((failure) => (failure as TaskError).findings)
  return new TaskError(`${failures.length} machines cannot be locked`, { findings })
}
