import { TaskError } from '../../cli/errors.ts'
import { type KubernetesObject, type ManifestObject, objectTitle } from '../../manifest/object.ts'
import { groupOf, keyOf } from '../objects/identity.ts'
import type { Observed } from '../objects/observed.ts'
import type { Resource } from '../resource.ts'
import type { ObjectSet, Run } from '../run.ts'
import { applySetId, parentName, partOfLabel } from './applyset.ts'

/** An object as it is to be, with its set's label and its namespace. */
export interface Desired {
  set: DesiredSet
  entry: ManifestObject
  object: KubernetesObject
  key: string
  title: string
  /** How the server serves it; missing when its CustomResourceDefinition comes in this run, or not at all. */
  resource?: Resource
  /** Its CustomResourceDefinition comes in this run. */
  isComing: boolean
}

export interface DesiredSet {
  set: ObjectSet
  /** Value of the part-of label of its members. */
  id: string
  members: Map<string, Desired>
}

/** The sets as they are to be on this server. An object that is twice in the run is an error. */
export async function desiredSets(run: Run, sets: ObjectSet[]): Promise<DesiredSet[]> {
  const discovery = await run.client.discovery()
  const coming = comingKinds(sets)
  const taken = new Map<string, Desired>()
  return sets.map((set) => {
    refuseEmpty(set)
    const wanted: DesiredSet = { set, id: applySetId(parentName(set.name)), members: new Map() }
    for (const entry of set.objects) {
      const { apiVersion, kind } = entry.object
      const resource = discovery.find(apiVersion, kind)
      const isNamespaced = resource?.namespaced ?? coming.get(`${apiVersion} ${kind}`)
      const object = member(entry.object, {
        id: wanted.id,
        isNamespaced,
        namespace: set.namespace ?? run.client.namespace,
      })
      const isComing = !resource && isNamespaced !== undefined
      const desired = {
        set: wanted,
        entry,
        object,
        key: keyOf(object),
        title: objectTitle(object),
        resource,
        isComing,
      }
      refuseTwice(desired, taken.get(desired.key))
      taken.set(desired.key, desired)
      wanted.members.set(desired.key, desired)
    }
    return wanted
  })
}

/** The kinds that CustomResourceDefinitions of this run bring: "apiVersion kind", and whether namespaced. */
function comingKinds(sets: ObjectSet[]): Map<string, boolean> {
  const kinds = new Map<string, boolean>()
  for (const { object } of sets.flatMap(({ objects }) => objects)) {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io')
      continue
    const { group, names, scope, versions = [] } = (object as Observed).spec ?? {}
    for (const { name } of versions) kinds.set(`${group}/${name} ${names?.kind}`, scope === 'Namespaced')
  }
  return kinds
}

function member(
  object: KubernetesObject,
  { id, isNamespaced, namespace }: { id: string; isNamespaced?: boolean; namespace: string },
): KubernetesObject {
  // "creationTimestamp: null" is what generators of YAML leave behind; it is the server's to say.
  const { namespace: written, creationTimestamp: _server, ...metadata } = object.metadata
  // What the server does not know keeps its namespace as it is written.
  const place = isNamespaced ? (written ?? namespace) : isNamespaced === undefined ? written : undefined
  const placed = place ? { namespace: place } : {}
  return {
    ...object,
    metadata: { ...metadata, ...placed, labels: { ...metadata.labels, [partOfLabel]: id } },
  }
}

function refuseEmpty({ name, source, objects, mayBeEmpty }: ObjectSet): void {
  if (objects.length > 0 || mayBeEmpty) return
  throw new TaskError(`${source} holds no objects, so nothing would be left of the set ${name}`, {
    file: source,
    hint: `to take the set away, type: tasks delete ${name}`,
  })
}

function refuseTwice(desired: Desired, other: Desired | undefined): void {
  if (!other) return
  const { file, line } = other.entry.source
  throw new TaskError(`${desired.title} is already in ${file}${line ? `:${line}` : ''}`, {
    ...desired.entry.source,
    hint: 'keep it in one of the two',
  })
}
