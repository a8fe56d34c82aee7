import type { Change, Plan, Step } from '../change.ts'

/** The changes of a step, in the order in which they are made. */
export function changesOf(step: Step): Change[] {
  return step.waves.flatMap((wave) => wave.changes)
}

/** Every change of a plan. */
export function allChanges(plan: Plan): Change[] {
  return plan.steps.flatMap(changesOf)
}

/** How many of a plan's objects are as wanted already. */
export function unchangedCount(plan: Plan): number {
  return plan.steps.reduce((count, step) => count + unchangedIn(step), 0)
}

/** How many of a step's objects are as wanted already. */
export function unchangedIn({ unchanged }: Step): number {
  return unchanged.filter(({ isUnknown }) => !isUnknown).length
}

/** What a plan could not find out anything of: "kube1". */
export function unknownTargets(plan: Plan): string[] {
  return plan.steps
    .flatMap(({ unchanged }) => unchanged.filter(({ isUnknown }) => isUnknown))
    .map(({ target }) => target)
}

const actions: Change['action'][] = ['create', 'update', 'adopt', 'replace', 'delete', 'run']

/** "2 to create, 1 to update; 40 unchanged": actions that do not occur are left out. */
export function countText(changes: Change[], unchanged: number): string {
  const counts = actions.flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length
    return count === 0 ? [] : [`${count} to ${action}`]
  })
  const parts = counts.length > 0 ? [counts.join(', ')] : []
  return [...parts, ...(unchanged > 0 ? [`${unchanged} unchanged`] : [])].join('; ')
}

/** "1 change", "12 changes": a number with its word. */
export function numbered(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`
}

/** Whether a plan found out nothing at all: no machine answered. */
export function isAllUnknown(plan: Plan): boolean {
  const checks = plan.steps.flatMap(({ unchanged }) => unchanged)
  return allChanges(plan).length === 0 && checks.length > 0 && checks.every(({ isUnknown }) => isUnknown)
}
