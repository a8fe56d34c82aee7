import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { Change, Plan } from '../change.ts'
import { TaskError } from '../errors.ts'

/** A plan as it is kept in a file: enough to see whether another one is the same; no values, no secrets. */
export interface SavedPlan {
  metaltasks: 'plan/v1'
  target: string
  fingerprint?: string
  changes: SavedChange[]
}

interface SavedChange {
  step: string
  action: string
  target: string
  /** What it was planned on: the object's UID and resourceVersion. */
  basis?: string
  /** SHA-256 of the lines before and after, and of the commands. */
  digest: string
}

/** What of a plan is kept. */
export function savedPlan(plan: Plan): SavedPlan {
  const { target, fingerprint } = plan
  const changes = plan.steps.flatMap(({ name, waves }) =>
    waves.flatMap(({ changes }) => changes.map((change) => savedChange(name, change))),
  )
  return { metaltasks: 'plan/v1', target, fingerprint, changes }
}

/** Reads a saved plan back from its file. */
export async function readSavedPlan(file: string): Promise<SavedPlan> {
  try {
    const value = JSON.parse(await readFile(file, 'utf8'))
    if (value?.metaltasks === 'plan/v1' && Array.isArray(value.changes)) return value
  } catch {
    // Not there or not JSON: the same answer as for other JSON.
  }
  throw new TaskError('this is not a saved plan', { file, hint: `make one with: tasks plan --save ${file}` })
}

/** Throws when the plan made now is not the one that was saved: another target, or something has moved since. */
export function refuseStale(saved: SavedPlan, { plan, file }: { plan: Plan; file: string }): void {
  const hint = `read it anew: tasks plan --save ${file}`
  const now = savedPlan(plan)
  if (saved.target !== now.target || saved.fingerprint !== now.fingerprint) {
    throw new TaskError(`the plan is for ${saved.target}, not for ${now.target}; nothing was changed`, {
      file,
      hint,
    })
  }
  const before = byKey(saved.changes)
  const after = byKey(now.changes)
  const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
    (key) => JSON.stringify(before.get(key)) !== JSON.stringify(after.get(key)),
  )
  if (moved.length === 0) return
  const named = moved.slice(0, 5).map((key) => (before.get(key) ?? after.get(key))![0]!.target)
  const more = moved.length > named.length ? ` and ${moved.length - named.length} more` : ''
  throw new TaskError(`the plan is stale: ${named.join(', ')}${more} moved since; nothing was changed`, {
    file,
    hint,
  })
}

function savedChange(step: string, change: Change): SavedChange {
  const { action, target, basis, before, after, commands } = change
  // The values of a Secret are masked with a key of the run: the same change looks different each time.
  const lines = target.startsWith('Secret ') ? [] : [before, after, commands]
  const digest = createHash('sha256').update(JSON.stringify(lines)).digest('hex')
  return { step, action, target, basis, digest }
}

// Several changes may be made to one thing, one after the other.
function byKey(changes: SavedChange[]): Map<string, SavedChange[]> {
  const all = new Map<string, SavedChange[]>()
  for (const change of changes) all.set(keyOf(change), [...(all.get(keyOf(change)) ?? []), change])
  return all
}

function keyOf({ step, action, target }: SavedChange): string {
  return `${step} ${action} ${target}`
}
