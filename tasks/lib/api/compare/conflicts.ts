import type { Finding } from '../../cli/errors.ts'
import { stringifyJson } from '../../manifest/json.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { ApiError } from '../errors.ts'
import { isSecret } from '../objects/masking.ts'
import type { Desired } from '../sets/desired.ts'
import { findField } from './field-path.ts'
import { beforeFirstApply, clientSideManager } from './managed-fields.ts'
import { fieldPlace } from './server-error.ts'

/** A field that somebody else applied. */
export interface FieldConflict {
  /** "kubectl-edit" */
  manager: string
  /** As the server writes it: ".spec.replicas". */
  field: string
}

/** The conflicts in a refused server-side apply; none for any other error. */
export function fieldConflicts(error: unknown): FieldConflict[] {
  if (!(error instanceof ApiError) || error.status !== 409) return []
  return error.details.causes
    .filter(({ reason }) => reason === 'FieldManagerConflict')
    .map(({ field = '', message = '' }) => ({
      field,
      manager: /conflict with "([^"]*)"/.exec(message)?.[1] ?? 'another manager',
    }))
}

/** True when the other side is how this object was applied before metaltasks: its fields may be taken over. */
export function isEarlierSelf({ manager }: FieldConflict): boolean {
  return manager === clientSideManager || manager === beforeFirstApply
}

/** Why the object cannot be applied: each field, who owns it, and both values. */
export function conflictFinding(
  conflicts: FieldConflict[],
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Finding {
  const texts = conflicts.map(({ manager, field }) => {
    const mine = findField(desired.object, field)
    const theirs = findField(live, field)
    const values = isSecret(live)
      ? ''
      : `: ${shown(theirs.value)} there, ${shown(mine.value)} in the manifest`
    return `${mine.path || field} belongs to ${manager}${values}`
  })
  return {
    severity: 'error',
    message: `${desired.title}: ${texts.join('; ')}`,
    hint: `to take over, type: tasks apply ${desired.set.set.name} --force-conflicts; else leave it out of the manifest`,
    ...fieldPlace(conflicts[0]!.field, desired).place,
  }
}

/** A value in one short line. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = stringifyJson(value)
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}
