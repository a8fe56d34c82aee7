import { type Entry, entry, type ListNode, type MapNode, map, type Node } from '../tree/tree.ts'
import type { ValuePath } from './value-path.ts'

/** A value that gets another one, or is new; `node` is not there where it is taken away. */
export interface Change {
  path: ValuePath
  node?: Node
}

/** The branches with one change. Maps on the way that are missing are made. */
export function changedBranches(branches: MapNode[], { path, node }: Change): MapNode[] {
  return branches.map((branch, index) =>
    index === path.branch ? (changedNode(branch, path.steps, node) as MapNode) : branch,
  )
}

function changedNode(
  node: Node | undefined,
  [step, ...rest]: ValuePath['steps'],
  value: Node | undefined,
): Node | undefined {
  if (step === undefined) return value && withPlaceOf(node, value)
  if (typeof step === 'number') return changedList(node as ListNode, { step, rest, value })
  const old: MapNode = node?.type === 'map' ? node : map()
  const at = old.items.findLastIndex((item) => item.type === 'entry' && item.key === step)
  const after = changedNode((old.items[at] as Entry | undefined)?.value, rest, value)
  if (!after) return { ...old, items: withoutItem(old.items, at) }
  const items = [entry(step, after)]
  return { ...old, items: at < 0 ? [...old.items, ...items] : old.items.toSpliced(at, 1, ...items) }
}

// The comment on the line of a value, which stands before it in the tree, goes with it.
function withoutItem(items: MapNode['items'], at: number): MapNode['items'] {
  if (at < 0) return items
  const isInline = (item: MapNode['items'][number] | undefined) => item?.type === 'comment' && item.inline
  let from = at
  while (isInline(items[from - 1])) from--
  return items.toSpliced(from, at - from + 1)
}

function changedList(
  node: ListNode,
  { step, rest, value }: { step: number; rest: ValuePath['steps']; value: Node | undefined },
): ListNode {
  const item = node.items[step]
  const after = changedNode(item?.type === 'comment' ? undefined : item, rest, value)
  return { ...node, items: node.items.toSpliced(step, 1, ...(after ? [after] : [])) }
}

// Where the old value stood the new one will stand.
function withPlaceOf(old: Node | undefined, value: Node): Node {
  const isScalar = old?.type === 'leaf' && value.type === 'leaf' && old.place
  return isScalar ? { ...value, place: old.place } : value
}

/** The value at a path, or the last map or list on the way, and how many steps lead to it. */
export function deepest(branch: MapNode, steps: ValuePath['steps']): { node: Node; depth: number } {
  let node: Node = branch
  for (const [depth, step] of steps.entries()) {
    const next = stepInto(node, step)
    if (!next) return { node, depth }
    node = next
  }
  return { node, depth: steps.length }
}

function stepInto(node: Node, step: string | number): Node | undefined {
  if (node.type === 'map') {
    const found = node.items.findLast((item) => item.type === 'entry' && item.key === step)
    return found?.type === 'entry' ? found.value : undefined
  }
  const item = node.type === 'list' && typeof step === 'number' ? node.items[step] : undefined
  return item?.type === 'comment' ? undefined : item
}
