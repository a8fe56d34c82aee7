import type { Finding } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { ApiError } from '../errors.ts'
import { groupKindOf } from '../objects/identity.ts'
import { isSecret } from '../objects/masking.ts'
import type { Desired } from '../sets/desired.ts'
import { shown } from './conflicts.ts'
import { findField } from './field-path.ts'
import { fieldPlace } from './server-error.ts'
import { type Difference, differences } from './stored.ts'

/** The fields that the server refuses to change; none when the error is another. */
export function immutableFields(error: unknown): string[] {
  if (!(error instanceof ApiError) || (error.status !== 422 && error.status !== 403)) return []
  const refused =
    /immutable|(?:may|can) ?not (?:be )?(?:change|update|unset|set once)|updates to .* (?:are|is) forbidden|forbidden: updates/i
  return error.details.causes
    .filter(({ message = '' }) => refused.test(message))
    .map(({ field = '' }) => field)
}

/** Whether the operator asked for this object to be deleted and made anew. */
export function isToBeReplaced({ object }: Desired, replace: string[] = []): boolean {
  const { kind, metadata } = object
  const names = [`${kind}/${metadata.name}`, `${kind}/${metadata.namespace}/${metadata.name}`]
  return (
    !isIrreplaceable(object) &&
    replace.some((name) => names.some((one) => one.toLowerCase() === name.toLowerCase()))
  )
}

/** Deleting one of these takes data, or everything in it, along. */
function isIrreplaceable(object: KubernetesObject): boolean {
  return irreplaceable.has(groupKindOf(object))
}

const irreplaceable = new Set([
  'Namespace',
  'CustomResourceDefinition.apiextensions.k8s.io',
  'PersistentVolume',
  'PersistentVolumeClaim',
])

/** Why the object cannot be updated: each refused field with both values, and what to type. */
export function immutableFinding(
  fields: string[],
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Finding {
  const changes = fields.flatMap((field) => changesAt(field, { desired, live }))
  const texts = changes.map(({ path, before, after }) =>
    isSecret(live) ? path : `${path} from ${shown(before)} to ${shown(after)}`,
  )
  return {
    severity: 'error',
    message: `${desired.title}: cannot change ${[...new Set(texts)].join(', ') || fields.join(', ')}`,
    hint: hintFor(desired),
    ...fieldPlace(changes[0]?.path ?? fields[0]!, desired).place,
  }
}

// "spec" alone would not help: the server names the whole where any part of it may not change.
function changesAt(
  field: string,
  { desired, live }: { desired: Desired; live: KubernetesObject },
): Difference[] {
  const { path, value, whole } = findField(desired.object, field)
  const present = findField(live, field)
  if (!whole) return [{ path: field, before: present.value, after: undefined }]
  const found = differences(present.value, value, path)
  return found.length > 0 ? found : [{ path, before: present.value, after: value }]
}

function hintFor({ object, set }: Desired): string {
  if (isIrreplaceable(object)) return `put the old value back, or give the ${object.kind} another name`
  const { kind, metadata } = object
  const name = metadata.namespace ? `${metadata.namespace}/${metadata.name}` : metadata.name
  return `to delete it and make it anew, type: tasks apply ${set.set.name} --replace ${kind}/${name}`
}
