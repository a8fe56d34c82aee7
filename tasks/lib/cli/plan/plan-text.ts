import type { Change, Plan, Step } from '../change.ts'
import { placeText } from '../errors.ts'
import { type Colour, type Paint, painter } from '../terminal/colours.ts'
import { findingText } from '../terminal/finding-text.ts'
import { diffLines, gap, withContext } from './line-diff.ts'
import {
  allChanges,
  changesOf,
  countText,
  numbered,
  unchangedCount,
  unchangedIn,
  unknownTargets,
} from './plan-counts.ts'

export interface PlanTextOptions {
  /** full: every line that would change. compact: creates and deletes in one line each, and not all of many. */
  detail: 'full' | 'compact'
  colours?: boolean
}

/** In a compact plan, the most changes of one step that are listed. */
const compactChanges = 10

/** A plan as people read it: the target first, then each step with its changes and their differing lines. */
export function planText(plan: Plan, { detail, colours = false }: PlanTextOptions): string {
  const paint = painter(colours)
  const changes = allChanges(plan)
  const head = paint('bold', `plan for ${plan.target}`)
  if (changes.length === 0) return `${head}\n${nothingToDo(plan)}\n`
  const steps = plan.steps.flatMap((step) => ['', ...stepLines(step, { detail, paint })])
  const counts = countText(changes, unchangedCount(plan))
  const blocked = changes.filter((change) => change.blocked).length
  const ends = [counts, ...(blocked === 0 ? [] : [paint('red', `${blocked} blocked`)]), ...unknown(plan)]
  return `${[head, ...steps, '', `plan: ${ends.join('; ')}`].join('\n')}\n`
}

/** "nothing to do: all 140 are as wanted" */
function nothingToDo(plan: Plan): string {
  const unchanged = unchangedCount(plan)
  if (unchanged === 0) return unknown(plan)[0] ?? 'nothing to do'
  return [`nothing to do: ${numbered(unchanged, 'object')} as wanted`, ...unknown(plan)].join('; ')
}

function unknown(plan: Plan): string[] {
  const targets = unknownTargets(plan)
  return targets.length === 0 ? [] : [`nothing is known of ${targets.join(', ')}`]
}

interface Style {
  detail: PlanTextOptions['detail']
  paint: Paint
}

function stepLines(step: Step, { detail, paint }: Style): string[] {
  const changes = changesOf(step)
  const name = step.name === step.title ? step.title : `${step.title} (${step.name})`
  const counts = countText(changes, unchangedIn(step)) || 'nothing in it'
  const shown = detail === 'compact' ? compactList(changes) : changes
  const more = changes.length - shown.length
  return [
    paint('bold', `==> ${name}: ${counts}`),
    ...shown.flatMap((change) => changeLines(change, { detail, paint })),
    ...(more > 0 ? [`  … and ${numbered(more, 'more change')}`] : []),
  ]
}

// What is blocked has to be seen, however many there are.
function compactList(changes: Change[]): Change[] {
  return changes.filter((change, index) => index < compactChanges || change.blocked)
}

const symbols: Record<Change['action'], [symbol: string, colour: Colour]> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  adopt: ['~', 'yellow'],
  replace: ['-/+', 'red'],
  delete: ['-', 'red'],
  run: ['$', 'yellow'],
}

function changeLines(change: Change, { detail, paint }: Style): string[] {
  const [symbol, colour] = symbols[change.action]
  const said = [change.simulated && 'simulated', change.source && placeText(change.source)].filter(Boolean)
  const beside = said.length > 0 ? paint('dim', `  (${said.join(', ')})`) : ''
  const whole = change.action === 'create' || change.action === 'delete'
  const lines = [
    ...(whole && detail === 'compact' ? [] : differenceLines(change, paint)),
    ...(change.commands ?? []).map((command) => `  $ ${command.replaceAll('\n', '\n    ')}`),
    ...(change.notes ?? []).map((note) => `  note: ${note}`),
    ...(change.blocked
      ? findingText(change.blocked, paint)
          .split('\n')
          .map((line) => `  ${line}`)
      : []),
  ]
  return [`${paint(colour, symbol)} ${change.title}${beside}`, ...lines]
}

function differenceLines({ before, after }: Change, paint: Paint): string[] {
  return withContext(diffLines(before, after)).map((line) => {
    if (line === gap) return `    ${gap}`
    const text = `  ${line.mark} ${line.text}`
    if (line.mark === ' ') return text.trimEnd()
    return paint(line.mark === '+' ? 'green' : 'red', text)
  })
}
