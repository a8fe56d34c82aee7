import type { KubernetesObject } from '../../manifest/object.ts'

/** The field manager under which everything is applied. */
export const fieldManager = 'metaltasks'

/** A set of fields in the API's own form (fieldsV1): "f:name", "k:{…}" and "v:…" as keys, {} for a whole value. */
export interface FieldSet {
  [key: string]: FieldSet
}

/** One entry of metadata.managedFields. */
export interface ManagedFields {
  manager?: string
  operation?: 'Apply' | 'Update'
  apiVersion?: string
  time?: string
  fieldsType?: string
  fieldsV1?: FieldSet
  subresource?: string
}

/** Who owns which fields of the object, as the server records it. */
export function managedFieldsOf(object: KubernetesObject): ManagedFields[] {
  return (object.metadata.managedFields as ManagedFields[] | undefined) ?? []
}

/** What we applied to this object last, in the version it was written in. */
export function ownFields(object: KubernetesObject): ManagedFields | undefined {
  return managedFieldsOf(object).find(
    ({ manager, operation, subresource }) =>
      manager === fieldManager && operation === 'Apply' && !subresource,
  )
}

/** The manager of `kubectl apply` without --server-side. */
export const clientSideManager = 'kubectl-client-side-apply'

/** What the server calls the owner of everything that was there before the first server-side apply. */
export const beforeFirstApply = 'before-first-apply'

/** True for an entry that an earlier `kubectl apply` of the same manifest left. */
export function isClientSide({ manager, operation, subresource }: ManagedFields): boolean {
  return manager === clientSideManager && operation === 'Update' && !subresource
}

/** Both sets in one. */
export function unionOf(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = { ...a }
  for (const [key, fields] of Object.entries(b)) result[key] = key in a ? unionOf(a[key]!, fields) : fields
  return result
}

/** What stands in `fields` and not in `others`; undefined when nothing is left. */
export function differenceOf(fields: FieldSet, others: FieldSet): FieldSet | undefined {
  const keys = Object.keys(fields)
  if (keys.length === 0) return undefined
  const rest: FieldSet = {}
  for (const key of keys) {
    const other = others[key]
    if (!other) rest[key] = fields[key]!
    else {
      const deeper = differenceOf(fields[key]!, other)
      if (deeper) rest[key] = deeper
    }
  }
  return Object.keys(rest).length > 0 ? rest : undefined
}
