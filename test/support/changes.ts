import type { Change, Check, Plan, Progress, Step } from '../../tasks/lib/cli/change.ts'

/** A change of nothing, that can be made and holds at once. */
export function fakeChange(target: string, more: Partial<Change> = {}): Change {
  const action = more.action ?? 'create'
  return {
    target,
    action,
    title: `${action} ${target}`,
    before: [],
    after: [],
    run: async () => {},
    verify: async () => {},
    ...more,
  }
}

/** Something that holds at once, or as `verify` decides. */
export function fakeCheck(
  target: string,
  verify: (progress: Progress) => Promise<void> = async () => {},
): Check {
  return { target, verify }
}

/** A step whose changes are one wave, one at a time. */
export function fakeStep(name: string, changes: Change[], more: Partial<Step> = {}): Step {
  return {
    name,
    title: name,
    waves: changes.length > 0 ? [{ changes, parallel: 1 }] : [],
    unchanged: [],
    ...more,
  }
}

/** A plan for a target named "test". */
export function fakePlan(steps: Step[], more: Partial<Plan> = {}): Plan {
  return { target: 'test', steps, findings: [], ...more }
}
