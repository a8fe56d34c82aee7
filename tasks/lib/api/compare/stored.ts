import type { KubernetesObject } from '../../manifest/object.ts'
import { type ManagedFields, managedFieldsOf } from './managed-fields.ts'
import { equal, isMap } from './values.ts'

/** One leaf in which two objects differ; undefined where it is missing. */
export interface Difference {
  path: string
  before: unknown
  after: unknown
}

/** True when storing `after` would leave `live` as it is, owners included; counters and status do not count. */
export function sameStored(live: KubernetesObject, after: KubernetesObject): boolean {
  return equal(content(live), content(after)) && equal(owners(live), owners(after))
}

/** Every leaf that `desired` has and `live` holds otherwise, at or below a path such as "spec.selector". */
export function differences(live: unknown, desired: unknown, path = ''): Difference[] {
  if (equal(live, desired)) return []
  if (isMap(desired) && isMap(live)) {
    const below = (key: string) => (path ? `${path}.${key}` : key)
    return Object.keys(desired).flatMap((key) => differences(live[key], desired[key], below(key)))
  }
  if (Array.isArray(desired) && Array.isArray(live) && desired.length === live.length)
    return desired.flatMap((item, at) => differences(live[at], item, `${path}[${at}]`))
  return [{ path, before: live, after: desired }]
}

/** The part of `live` that `desired` speaks of, for a difference that no server has worked out. */
export function projected(live: unknown, desired: unknown): unknown {
  if (!isMap(desired) || !isMap(live)) return live
  const shared = Object.keys(desired).filter((key) => key in live)
  return Object.fromEntries(shared.map((key) => [key, projected(live[key], desired[key])]))
}

function content({ status: _status, ...object }: KubernetesObject): Record<string, unknown> {
  const {
    managedFields: _owners,
    generation: _generation,
    resourceVersion: _version,
    ...metadata
  } = object.metadata
  return { ...object, metadata }
}

// The order of the entries and the time of each say nothing about what is owned; status is its controller's affair.
function owners(object: KubernetesObject): Record<string, ManagedFields> {
  const entries = managedFieldsOf(object).filter(({ subresource }) => subresource !== 'status')
  return Object.fromEntries(
    entries.map(({ time: _time, ...entry }) => [
      [entry.manager, entry.operation, entry.apiVersion, entry.subresource].join('|'),
      entry,
    ]),
  )
}
