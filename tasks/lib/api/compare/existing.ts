import type { KubernetesObject } from '../../manifest/object.ts'
import { groupKindOf, keyOf } from '../objects/identity.ts'
import { apiVersionOf, type Resource, refOf } from '../resource.ts'
import type { Run } from '../run.ts'
import type { Desired } from '../sets/desired.ts'

/** Finds, for objects that no set of ours holds yet, those that exist already; by the key of the wanted one. */
export async function readExisting(run: Run, wanted: Desired[]): Promise<Map<string, KubernetesObject>> {
  const groups = new Map<string, Desired[]>()
  for (const desired of wanted) {
    const { object, resource } = desired
    if (!resource && !desired.isComing) continue
    const scope = `${object.apiVersion} ${object.kind} ${object.metadata.namespace ?? ''}`
    const group = groups.get(scope)
    if (group) group.push(desired)
    else groups.set(scope, [desired])
  }
  const found = await Promise.all([...groups.values()].map((group) => readGroup(run, group)))
  return new Map(found.flat().map((object) => [keyOf(object), object]))
}

// Few are asked for one by one; for many it is cheaper to read the names of all.
const fewObjects = 8

async function readGroup(run: Run, group: Desired[]): Promise<KubernetesObject[]> {
  const resource = group[0]!.resource ?? (await otherVersion(run, group[0]!))
  if (!resource) return []
  const many = group.length > fewObjects && resource.verbs.includes('list')
  const candidates = many ? await namedOnServer(run, { group, resource }) : group
  const objects = await Promise.all(candidates.map(({ object }) => readOne(run, { object, resource })))
  return objects.filter((object) => object !== undefined)
}

/** The kind in a version that is served already, where this run brings only another one. */
async function otherVersion({ client }: Run, { object }: Desired): Promise<Resource | undefined> {
  const discovery = await client.discovery()
  return discovery
    .all()
    .find((one) => groupKindOf({ apiVersion: apiVersionOf(one), kind: one.kind }) === groupKindOf(object))
}

async function namedOnServer(
  run: Run,
  { group, resource }: { group: Desired[]; resource: Resource },
): Promise<Desired[]> {
  const { namespace } = group[0]!.object.metadata
  const { items } = await run.client.list(resource, {
    namespace,
    metadataOnly: true,
    signal: run.options.signal,
  })
  const names = new Set(items.map(({ metadata }) => metadata.name))
  return group.filter(({ object }) => names.has(object.metadata.name))
}

function readOne(run: Run, { object, resource }: { object: KubernetesObject; resource: Resource }) {
  const ref = { ...refOf(object), apiVersion: apiVersionOf(resource) }
  return run.client.get(ref, { signal: run.options.signal })
}
