import { createHash } from 'node:crypto'
import type { Change, Check } from '../../cli/change.ts'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import type { Finding } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { onMachine } from './on-machine.ts'
import { runAction } from './run-action.ts'
import { type AskAgain, verifyResource } from './verify.ts'

/** A machine that answered. */
export interface Answered {
  machine: Machine
  answers: Map<Resource, Answer>
  askAgain: AskAgain
}

/** What differs of one resource: its changes in order, or a check where all holds. */
export interface Difference {
  changes: Change[]
  unchanged: Check[]
  findings: Finding[]
}

/** What differs of these resources on one machine. */
export function planMachine(resources: readonly Resource[], answered: Answered): Difference {
  const all = resources.map((resource) => planResource(resource, answered))
  return {
    changes: all.flatMap(({ changes }) => changes),
    unchanged: all.flatMap(({ unchanged }) => unchanged),
    findings: all.flatMap(({ findings }) => findings),
  }
}

function planResource(resource: Resource, answered: Answered): Difference {
  const { machine, answers } = answered
  const answer = answers.get(resource)!
  const check = checkOf(resource, answered)
  try {
    const { actions, findings = [] } = resource.plan(answer)
    const changes = actions.map((action) => changeOf(action, { resource, machine, answer, check }))
    const named = findings.map((finding) => onMachine(finding, { machine }))
    return { changes, unchanged: changes.length === 0 ? [check] : [], findings: named }
  } catch (error) {
    const changes = errorFindings(error).map((finding) => unplannable(finding, { resource, machine, check }))
    return { changes, unchanged: [], findings: [] }
  }
}

function checkOf(resource: Resource, { machine, askAgain }: Answered): Check {
  return {
    target: `${machine.label}: ${resource.target}`,
    verify: (progress) => verifyResource(resource, { machine, askAgain, progress }),
  }
}

interface Planned {
  resource: Resource
  machine: Machine
  check: Check
}

function changeOf(
  action: Action,
  { resource, machine, answer, check }: Planned & { answer: Answer },
): Change {
  const { before = [], after = [], commands, notes, blocked } = action
  return {
    ...check,
    action: action.action,
    title: `${machine.label}: ${action.title}`,
    before,
    after,
    commands,
    notes,
    source: resource.source,
    basis: digest(answer),
    lane: machine.name,
    blocked: blocked && onMachine(blocked, { machine }),
    run: (progress) => {
      progress.signal.throwIfAborted()
      return runAction(machine, action, progress)
    },
  }
}

// An answer that is not understood must not pass for one that asks for nothing.
function unplannable(finding: Finding, { resource, machine, check }: Planned): Change {
  return {
    ...check,
    action: 'run',
    title: check.target,
    before: [],
    after: [],
    source: resource.source,
    lane: machine.name,
    blocked: onMachine(finding, { machine, resource }),
    run: async () => {
      throw new Error(`${check.target} is blocked`)
    },
  }
}

function digest({ stdout, exitCode }: Answer): string {
  return createHash('sha256').update(`${exitCode}\n${stdout}`).digest('hex')
}
