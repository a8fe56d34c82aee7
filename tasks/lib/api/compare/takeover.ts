import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import { isConflict } from '../errors.ts'
import { refOf } from '../resource.ts'
import { withoutFields } from './field-removal.ts'
import {
  beforeFirstApply,
  differenceOf,
  type FieldSet,
  fieldManager,
  isClientSide,
  type ManagedFields,
  managedFieldsOf,
  ownFields,
  unionOf,
} from './managed-fields.ts'

/** True when the object still carries what an earlier `kubectl apply` of it, or a time before managers, left. */
export function hasEarlierSelf(live: KubernetesObject): boolean {
  return managedFieldsOf(live).some((entry) => isClientSide(entry) || entry.manager === beforeFirstApply)
}

/**
 * The object's owners with its earlier selves merged into our own entry: what `kubectl apply` had set is ours, so that
 * what has left the manifest goes; what was there before managers stays as it is and belongs to nobody.
 */
function migratedOwners(live: KubernetesObject): ManagedFields[] {
  const entries = managedFieldsOf(live)
  const own = ownFields(live)
  const earlier = entries.filter(isClientSide)
  const others = entries.filter(
    (entry) => entry !== own && !isClientSide(entry) && entry.manager !== beforeFirstApply,
  )
  // Fields are told apart within one version only; a mixed history leaves the old ones without an owner.
  const apiVersion = own?.apiVersion ?? earlier[0]?.apiVersion
  const merged = [...(own ? [own] : []), ...earlier].filter((entry) => entry.apiVersion === apiVersion)
  if (merged.length === 0) return others
  const fieldsV1 = merged.reduce<FieldSet>((fields, entry) => unionOf(fields, entry.fieldsV1 ?? {}), {})
  const { time } = merged.at(-1)!
  return [
    ...others,
    { manager: fieldManager, operation: 'Apply', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 },
  ]
}

/** Writes the merged owners, onto exactly the version of the object that they were worked out from. */
export async function migrateOwners(client: ApiClient, object: KubernetesObject): Promise<void> {
  const ref = refOf(object)
  for (let tries = 0; ; tries++) {
    const live = await client.get(ref)
    if (!live || !hasEarlierSelf(live)) return
    const patch = [
      { op: 'replace', path: '/metadata/managedFields', value: migratedOwners(live) },
      { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
    ]
    try {
      await client.patch(ref, patch, 'application/json-patch+json')
      return
    } catch (error) {
      if (!isConflict(error) || tries >= 4) throw error
    }
  }
}

/** What stays of `after` (a dry run's result) when fields that only `kubectl apply` owned, and we do not list, go. */
export function withoutLeftovers(after: KubernetesObject, live: KubernetesObject): KubernetesObject {
  const earlier = managedFieldsOf(live).filter(isClientSide)
  const left = earlier.reduce<FieldSet>((fields, entry) => unionOf(fields, entry.fieldsV1 ?? {}), {})
  const kept = managedFieldsOf(after)
    .filter((entry) => !isClientSide(entry))
    .reduce<FieldSet>((fields, entry) => unionOf(fields, entry.fieldsV1 ?? {}), {})
  const gone = differenceOf(left, kept)
  return gone ? withoutFields(after, gone) : after
}
