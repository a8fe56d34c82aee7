import type { Check } from '../../cli/change.ts'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { UnreachableError } from '../errors.ts'
import type { Machine } from '../machine.ts'
import type { Resource } from '../resource.ts'
import { ask } from './ask.ts'
import type { Answered } from './machine-plan.ts'
import { type Turns, takeTurns } from './turns.ts'
import { askTogether } from './verify.ts'

/** A machine and what is wanted of it. */
export interface Work {
  machine: Machine
  resources: Resource[]
}

export interface AskOptions {
  /** Machines worked on side by side. */
  parallel: number
  /** Names of machines that must not change while another of them cannot be reached: control planes, etcd. */
  quorum?: readonly string[]
  signal?: AbortSignal
  /** Hears how far the asking is. */
  say?(text: string): void
}

/** A machine that answered, or one that is left out, why, and the check that fails because of it. */
export type Asked = Answered | { left: Finding; check: Check }

/** Asks every machine once for all that any step wants to know of it; by its name. */
export async function askMachines(
  work: Work[],
  { parallel, quorum = [], signal, say = () => {} }: AskOptions,
): Promise<Map<string, Asked>> {
  const turns = takeTurns(parallel)
  const machines = [...new Map(work.map(({ machine }) => [machine.name, machine])).values()]
  const waiting = new Set(machines.map(({ label }) => label))
  const answers = await Promise.all(
    machines.map(async (machine) => {
      const resources = work
        .filter((one) => one.machine.name === machine.name)
        .flatMap((one) => one.resources)
      const answer = await askOne(machine, { resources, turns, signal })
      waiting.delete(machine.label)
      if (waiting.size > 0) say(`waiting for ${[...waiting].join(', ')}`)
      return answer
    }),
  )
  signal?.throwIfAborted()
  return new Map(leaveOut(refuseErrors(answers), quorum).map((one, index) => [machines[index]!.name, one]))
}

type Result = Answered | UnreachableError | Error

async function askOne(
  machine: Machine,
  { resources, turns, signal }: { resources: Resource[]; turns: Turns; signal?: AbortSignal },
): Promise<Result> {
  try {
    const answers = await turns(() => ask(machine, { resources, signal }))
    return { machine, answers, askAgain: askTogether(machine, turns) }
  } catch (error) {
    return error as Error
  }
}

// A machine that answers but does not let us in is a fault to mend first; all such faults are told at once.
function refuseErrors(results: Result[]): (Answered | UnreachableError)[] {
  const errors = results.filter(
    (one): one is Error => one instanceof Error && !(one instanceof UnreachableError),
  )
  if (errors.length === 1) throw errors[0]
  const findings = errors.flatMap(errorFindings)
  if (errors.length > 1) throw new TaskError(`${errors.length} machines cannot be asked`, { findings })
  return results as (Answered | UnreachableError)[]
}

function leaveOut(results: (Answered | UnreachableError)[], quorum: readonly string[]): Asked[] {
  const gone = results.filter((one) => one instanceof UnreachableError)
  const missing = gone.filter((error) => quorum.includes(error.machine)).map((error) => error.machine)
  return results.map((one) => {
    if (one instanceof UnreachableError) return unreachable(one)
    if (missing.length === 0 || !quorum.includes(one.machine.name)) return one
    return withoutQuorum(one.machine, missing)
  })
}

function unreachable(error: UnreachableError): Asked {
  const [finding] = errorFindings(error)
  return { left: finding!, check: failing(error.machine, error) }
}

function withoutQuorum(machine: Machine, missing: string[]): Asked {
  const error = new TaskError(
    `${machine.name} is left as it is: ${missing.join(' and ')} cannot be reached, and they need each other's quorum`,
    { hint: `bring ${missing.join(' and ')} back first` },
  )
  return { left: { ...error.findings[0]!, severity: 'warning' }, check: failing(machine.name, error) }
}

function failing(name: string, error: TaskError): Check {
  const verify = async () => {
    throw error
  }
  return { target: name, isUnknown: true, verify }
}
