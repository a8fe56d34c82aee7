import type { KubernetesObject } from '../../manifest/object.ts'
import { isForbidden, isNotFound } from '../errors.ts'
import { groupKindOf, keyOf } from '../objects/identity.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import type { Run } from '../run.ts'
import { contentsOf, partOfLabel, type SetContents } from './applyset.ts'
import { contentsOfObjects } from './contents.ts'

/** A set to look for: its id, what its parent records, and what its files hold. */
export interface Wanted {
  id: string
  parent?: KubernetesObject
  objects: Iterable<KubernetesObject>
}

/** What the server holds of some sets. */
export interface Members {
  /** The member of this identity, in the version of this object. */
  find(object: KubernetesObject): KubernetesObject | undefined
  /** All members of a set, each once whatever versions were read. */
  ofSet(id: string): KubernetesObject[]
}

/** Reads the members of all these sets: one LIST for each kind, by label. */
export async function readMembers(run: Run, sets: Wanted[]): Promise<Members> {
  const resources = await resourcesOf(run, sets)
  const namespaces = sets.flatMap((set) => [...contentsIn(set).namespaces])
  const lists = await Promise.all(
    resources.map((resource) => listMembers(run, { resource, sets, namespaces })),
  )
  const byVersion = new Map<string, Map<string, KubernetesObject>>()
  const bySet = new Map<string, Map<string, KubernetesObject>>()
  for (const object of lists.flat()) {
    within(byVersion, object.apiVersion).set(keyOf(object), object)
    within(bySet, object.metadata.labels?.[partOfLabel] ?? '').set(String(object.metadata.uid), object)
  }
  return {
    find: (object) => byVersion.get(object.apiVersion)?.get(keyOf(object)),
    ofSet: (id) => [...(bySet.get(id)?.values() ?? [])],
  }
}

/** The kinds to read: each in the versions that the files use, and what only the parent knows in the server's own. */
async function resourcesOf({ client }: Run, sets: Wanted[]): Promise<Resource[]> {
  const discovery = await client.discovery()
  const found = new Map<string, Resource>()
  const groupKinds = new Set<string>()
  for (const { objects } of sets) {
    for (const object of objects) {
      const resource = discovery.find(object.apiVersion, object.kind)
      if (!resource) continue
      found.set(`${object.apiVersion} ${object.kind}`, resource)
      groupKinds.add(groupKindOf(object))
    }
  }
  for (const groupKind of sets.flatMap((set) => [...contentsIn(set).groupKinds])) {
    const resource = groupKinds.has(groupKind)
      ? undefined
      : discovery.all().find((one) => isOfKind(one, groupKind))
    if (resource) found.set(`${apiVersionOf(resource)} ${resource.kind}`, resource)
  }
  return [...found.values()].filter(({ verbs }) => verbs.includes('list'))
}

function isOfKind(resource: Resource, groupKind: string): boolean {
  return groupKindOf({ apiVersion: apiVersionOf(resource), kind: resource.kind }) === groupKind
}

function contentsIn({ parent, objects }: Wanted): SetContents {
  return parent ? contentsOf(parent) : contentsOfObjects(objects)
}

async function listMembers(
  run: Run,
  { resource, sets, namespaces }: { resource: Resource; sets: Wanted[]; namespaces: string[] },
): Promise<KubernetesObject[]> {
  const labelSelector = `${partOfLabel} in (${sets.map(({ id }) => id).join(', ')})`
  const { signal } = run.options
  try {
    return (await run.client.list(resource, { labelSelector, signal })).items
  } catch (error) {
    if (isNotFound(error)) return []
    if (!isForbidden(error) || !resource.namespaced) throw error
  }
  // Who may not read the whole cluster may still read the set's own namespaces.
  const scopes = [...new Set(namespaces)].filter(Boolean)
  const lists = scopes.map((namespace) => run.client.list(resource, { namespace, labelSelector, signal }))
  return (await Promise.all(lists)).flatMap(({ items }) => items)
}

function within<K, V>(maps: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = maps.get(key)
  if (known) return known
  const made = new Map<K, V>()
  maps.set(key, made)
  return made
}
