import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import { takeTurns } from '../plan/turns.ts'
import type { Facts } from './facts.ts'
import { factsScript } from './facts-script.ts'
import { readFacts } from './read-facts.ts'

/** A machine with its facts, or why there are none. */
export type Gathered = { machine: Machine } & ({ facts: Facts } | { error: TaskError })

export interface GatherOptions {
  /** Machines asked side by side. */
  parallel: number
  signal: AbortSignal
  /** Hears of each machine that answered, or did not. */
  onAnswer?(done: number): void
}

/** Asks every machine for its facts, one round trip each. A machine that does not answer spoils nothing for the others. */
export async function gatherFacts(machines: Machine[], options: GatherOptions): Promise<Gathered[]> {
  const { parallel, signal, onAnswer } = options
  const turns = takeTurns(parallel)
  let done = 0
  const gather = async (machine: Machine): Promise<Gathered> => {
    try {
      return { machine, facts: await factsOf(machine, signal) }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof TaskError)) throw error
      return { machine, error }
    } finally {
      onAnswer?.(++done)
    }
  }
  return Promise.all(machines.map((machine) => turns(() => gather(machine))))
}

/** The facts of one machine. */
export async function factsOf(machine: Machine, signal?: AbortSignal): Promise<Facts> {
  const { stdout, beganAt } = await machine.run(factsScript(), {
    title: 'read facts',
    signal,
    timeoutSeconds: 60,
  })
  const endedAt = Date.now()
  return readFacts(stdout, { beganAt: beganAt ?? endedAt, endedAt })
}
