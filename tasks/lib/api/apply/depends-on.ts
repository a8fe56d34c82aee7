import { TaskError } from '../../cli/errors.ts'
import { type KubernetesObject, type ManifestObject, objectTitle } from '../../manifest/object.ts'
import { keyOf } from '../objects/identity.ts'
import { waveOf } from './waves.ts'

/** The annotation by which an object names others that have to be ready before it is applied. */
export const dependsOnAnnotation = 'config.kubernetes.io/depends-on'

/**
 * The objects in the order of their waves, the ones that depend on others after these. A chain that comes back to
 * its start is an error that names it.
 */
export function orderedWaves(objects: ManifestObject[]): ManifestObject[][] {
  const graph = new Map(objects.map((entry) => [keyOf(entry.object), entry]))
  const ranks = new Map<string, Rank>()
  for (const entry of objects) rankOf(entry, { graph, ranks, chain: [] })
  const waves = new Map<number, ManifestObject[]>()
  for (const entry of objects) {
    const { wave, depth } = ranks.get(keyOf(entry.object))!
    const order = wave * depthLimit + depth
    const sameWave = waves.get(order)
    if (sameWave) sameWave.push(entry)
    else waves.set(order, [entry])
  }
  return [...waves.keys()].sort((a, b) => a - b).map((order) => waves.get(order)!)
}

/** An object that another one depends on: which version it is served in does not matter. */
export interface Dependency {
  group: string
  kind: string
  name: string
  namespace?: string
}

/** The objects that this one names in its depends-on annotation. */
export function dependenciesOf(object: KubernetesObject): Dependency[] {
  const text = object.metadata.annotations?.[dependsOnAnnotation]
  if (!text?.trim()) return []
  return text.split(',').map((reference) => dependencyIn(reference.trim(), object))
}

/** The key of keyOf() for a dependency. */
export function dependencyKey({ group, kind, name, namespace }: Dependency): string {
  return keyOf({ apiVersion: `${group}/v1`, kind, metadata: { name, namespace } })
}

interface Rank {
  wave: number
  depth: number
}

const depthLimit = 1_000_000

function rankOf(
  entry: ManifestObject,
  walk: { graph: Map<string, ManifestObject>; ranks: Map<string, Rank>; chain: ManifestObject[] },
): Rank {
  const key = keyOf(entry.object)
  const known = walk.ranks.get(key)
  if (known) return known
  if (walk.chain.includes(entry)) throw cycleError([...walk.chain.slice(walk.chain.indexOf(entry)), entry])
  const rank: Rank = { wave: waveOf(entry.object), depth: 0 }
  for (const dependency of dependenciesOf(entry.object)) {
    const other = walk.graph.get(dependencyKey(dependency))
    if (other) raise(rank, rankOf(other, { ...walk, chain: [...walk.chain, entry] }))
  }
  walk.ranks.set(key, rank)
  return rank
}

function raise(rank: Rank, behind: Rank): void {
  if (behind.wave < rank.wave || (behind.wave === rank.wave && behind.depth < rank.depth)) return
  rank.wave = behind.wave
  rank.depth = behind.depth + 1
}

function cycleError(chain: ManifestObject[]): TaskError {
  const titles = chain.map(({ object }) => objectTitle(object))
  return new TaskError(`objects depend on each other: ${titles.join(' -> ')}`, {
    ...chain[0]!.source,
    hint: `remove one of their ${dependsOnAnnotation} annotations`,
  })
}

// "group/kind/name" or "group/namespaces/namespace/kind/name"; the group of core kinds is empty ("/namespaces/web/Pod/a").
function dependencyIn(reference: string, object: KubernetesObject): Dependency {
  const parts = reference.split('/')
  if (parts.length === 3) return { group: parts[0]!, kind: parts[1]!, name: parts[2]! }
  if (parts.length === 5 && parts[1] === 'namespaces')
    return { group: parts[0]!, namespace: parts[2]!, kind: parts[3]!, name: parts[4]! }
  throw new TaskError(
    `${objectTitle(object)} depends on "${reference}", which is no reference to an object`,
    {
      hint: 'write group/kind/name or group/namespaces/NAMESPACE/kind/name',
    },
  )
}
