import type { Machine } from './machine.ts'

const checks = new WeakMap<Machine, () => void>()

/** From now on nothing is sent to the machine unless `check` passes; undefined ends that. */
export function setLease(machine: Machine, check: (() => void) | undefined): void {
  if (check) checks.set(machine, check)
  else checks.delete(machine)
}

/** Throws where this run held the machine's lock and does so no more: somebody else may be at work there. */
export function checkLease(machine: Machine): void {
  checks.get(machine)?.()
}
