import { setImmediate as aMoment, setTimeout as sleep } from 'node:timers/promises'
import type { Progress } from '../../cli/change.ts'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { ask } from './ask.ts'
import { onMachine } from './on-machine.ts'
import type { Turns } from './turns.ts'

/** Asks a machine for resources again; those asked for at the same moment go in one round trip. */
export type AskAgain = (resource: Resource, signal: AbortSignal) => Promise<Answer>

/** Collects what is asked of one machine, until all checks that start together have said what they want. */
export function askTogether(machine: Machine, turns: Turns): AskAgain {
  let round: { resources: Set<Resource>; answers: Promise<Map<Resource, Answer>> } | undefined
  const begin = (signal: AbortSignal) => {
    const resources = new Set<Resource>()
    const answers = aMoment().then(() => {
      round = undefined
      return turns(() => ask(machine, { resources: [...resources], signal }))
    })
    return { resources, answers }
  }
  return async (resource, signal) => {
    round ??= begin(signal)
    round.resources.add(resource)
    return (await round.answers).get(resource)!
  }
}

/** Asks until nothing is left to do, for as long as the resource may take to settle: soon at first, then each second. */
export async function verifyResource(
  resource: Resource,
  { machine, askAgain, progress }: { machine: Machine; askAgain: AskAgain; progress: Progress },
): Promise<void> {
  const until = performance.now() + (resource.settleSeconds ?? 0) * 1000
  for (let pause = 125; ; pause = Math.min(2 * pause, 1000)) {
    const left = leftToDo(resource, { machine, answer: await askAgain(resource, progress.signal) })
    if (left.length === 0) return
    const reason = left.map(({ title, blocked }) => blocked?.message ?? title).join(', then ')
    if (performance.now() >= until) throw notAsWanted(resource, { machine, reason })
    progress.say(`${machine.label}: ${resource.target}: waiting: ${reason}`)
    await sleep(pause, undefined, { signal: progress.signal })
  }
}

function leftToDo(resource: Resource, { machine, answer }: { machine: Machine; answer: Answer }): Action[] {
  try {
    return resource.plan(answer).actions
  } catch (error) {
    const findings = errorFindings(error).map((finding) => onMachine(finding, { machine, resource }))
    throw new TaskError(findings[0]!.message, { findings, cause: error })
  }
}

function notAsWanted(
  resource: Resource,
  { machine, reason }: { machine: Machine; reason: string },
): TaskError {
  return new TaskError(`${machine.name}: ${resource.target} is not as wanted; still to do: ${reason}`, {
    ...resource.source,
    hint: 'something else may be changing it; run the same command again',
  })
}
