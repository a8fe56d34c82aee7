import type { Change, Plan, Step } from '../change.ts'
import { changesOf, unchangedIn } from './plan-counts.ts'

/** A plan as data: what --json prints for a plan or a dry run. */
export function planJson({ target, fingerprint, steps, findings }: Plan) {
  return { target, fingerprint, steps: steps.map(stepJson), findings }
}

function stepJson(step: Step) {
  return {
    name: step.name,
    title: step.title,
    changes: changesOf(step).map(changeJson),
    unchanged: unchangedIn(step),
  }
}

function changeJson(change: Change) {
  const { action, target, title, before, after, commands, source, notes, blocked, simulated } = change
  return { action, target, title, before, after, commands, source, notes, blocked, simulated }
}
