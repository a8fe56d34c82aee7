import { child, list, type MapNode } from '../tree/tree.ts'
import { mergeMaps, mergeNodes } from './merge-trees.ts'
import { mergeSlots } from './slots.ts'
import type { Deciding, ThreeWays } from './three-ways.ts'

/**
 * Merges files: one branch, or the documents of a YAML file. Kubernetes objects are told by kind, namespace and name,
 * wherever they stand in the file; other documents by their place.
 */
export function mergeBranches(branches: ThreeWays<MapNode[]>, deciding: Deciding): MapNode[] {
  const { base, ours, theirs } = branches
  if (base.length <= 1 && ours.length === 1 && theirs.length === 1) {
    return [
      mergeMaps(
        { base: base[0] ?? { type: 'map', items: [] }, ours: ours[0]!, theirs: theirs[0]! },
        { ...deciding, path: '' },
      ),
    ]
  }
  if ([base, ours, theirs].every(areObjects)) return mergeObjects(branches, deciding)
  const lists = { base: list(base), ours: list(ours), theirs: list(theirs) }
  const merged = mergeNodes(lists, { ...deciding, path: 'documents' })
  return merged?.type === 'list' ? (merged.items as MapNode[]) : ours
}

function mergeObjects({ base, ours, theirs }: ThreeWays<MapNode[]>, deciding: Deciding): MapNode[] {
  const named = (side: MapNode[]) => ({
    slots: side.map((value) => ({ key: objectName(value)!, comments: [], value })),
    tail: [],
  })
  const numbers = new Map(ours.map((branch, index) => [objectName(branch)!, index + 1]))
  const { slots } = mergeSlots(
    { base: named(base), ours: named(ours), theirs: named(theirs) },
    (name, values) => mergeNodes(values, { ...deciding, path: `${numbers.get(name) ?? name}:` }),
  )
  return slots.map(({ value }) => value as MapNode)
}

function areObjects(side: MapNode[]): boolean {
  const names = side.map(objectName)
  return names.every(Boolean) && new Set(names).size === names.length
}

function objectName(branch: MapNode): string | undefined {
  const metadata = child(branch, 'metadata')
  if (metadata?.type !== 'map') return undefined
  const parts = [child(branch, 'kind'), child(metadata, 'namespace'), child(metadata, 'name')]
  const [kind, namespace, name] = parts.map((part) => (part?.type === 'leaf' ? String(part.value) : ''))
  return kind && name ? [kind, namespace, name].join('/') : undefined
}
