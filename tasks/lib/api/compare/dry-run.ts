import type { KubernetesObject } from '../../manifest/object.ts'
import { ApiError } from '../errors.ts'
import type { Run } from '../run.ts'
import type { Desired } from '../sets/desired.ts'
import { type FieldConflict, fieldConflicts, isEarlierSelf } from './conflicts.ts'
import { immutableFields } from './immutable.ts'
import { hasEarlierSelf, withoutLeftovers } from './takeover.ts'

/** What the server would make of an object that exists. */
export type Rehearsal =
  | { result: 'stored'; after: KubernetesObject; takesOver: boolean }
  /** It is refused: by other managers, or because fields cannot change. */
  | { result: 'conflict'; conflicts: FieldConflict[] }
  | { result: 'immutable'; fields: string[] }
  /** Nobody can say: a webhook does not answer, or takes no dry runs. */
  | { result: 'unknown'; reason: string }

/** Applies the object with dryRun=All. A refusal of another kind is thrown as the server gave it. */
export async function rehearse(
  run: Run,
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Promise<Rehearsal> {
  const takesOver = hasEarlierSelf(live)
  try {
    const after = await dryRun(run, desired, run.options.forceConflicts ?? false)
    return { result: 'stored', after: takesOver ? await cleaned(run, { after, live }) : after, takesOver }
  } catch (error) {
    const conflicts = fieldConflicts(error)
    if (conflicts.length === 0) return refusal(error)
    const others = conflicts.filter((conflict) => !isEarlierSelf(conflict))
    if (others.length > 0) return { result: 'conflict', conflicts: others }
    return takeOver(run, { desired, live })
  }
}

async function takeOver(
  run: Run,
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Promise<Rehearsal> {
  try {
    const after = await dryRun(run, desired, true)
    return { result: 'stored', after: await cleaned(run, { after, live }), takesOver: true }
  } catch (error) {
    return refusal(error)
  }
}

function dryRun({ client, options }: Run, { object }: Desired, force: boolean): Promise<KubernetesObject> {
  return client.apply(object, { dryRun: true, force, signal: options.signal })
}

// The migration cannot be rehearsed in one step with the apply, so the server is asked what it would store in the end.
async function cleaned(
  { client, options }: Run,
  { after, live }: { after: KubernetesObject; live: KubernetesObject },
): Promise<KubernetesObject> {
  const rest = withoutLeftovers(after, live)
  if (rest === after) return after
  const metadata = {
    ...rest.metadata,
    resourceVersion: live.metadata.resourceVersion,
    managedFields: undefined,
  }
  return client.replace({ ...rest, metadata }, { dryRun: true, signal: options.signal })
}

function refusal(error: unknown): Rehearsal {
  const fields = immutableFields(error)
  if (fields.length > 0) return { result: 'immutable', fields }
  const reason = unansweredWebhook(error)
  if (reason) return { result: 'unknown', reason }
  throw error
}

/** "webhook validate.nginx does not answer: …": a failure that says nothing about the object itself. */
export function unansweredWebhook(error: unknown): string | undefined {
  if (!(error instanceof ApiError)) return undefined
  const failed = /failed calling webhook "([^"]+)": (?:failed to call webhook: )?(.*)$/s.exec(error.message)
  if (failed) return `webhook ${failed[1]} does not answer: ${failed[2]!.trim()}`
  const noDryRun = /admission webhook "([^"]+)" does not support dry run/.exec(error.message)
  if (noDryRun) return `webhook ${noDryRun[1]} takes no dry run`
  return /no endpoints available for service/.test(error.message) ? error.message : undefined
}
