import { child, type MapNode, type Node } from '../tree/tree.ts'

/**
 * New values in the order, and between the comments, of an older state that has the same keys; undefined where the
 * keys differ. Its places stay, so that only what differs is written.
 */
export function inLayoutOf(old: MapNode, values: MapNode): MapNode | undefined {
  const entries = old.items.filter((item) => item.type === 'entry')
  if (entries.length !== values.items.length) return undefined
  const items = old.items.map((item) => {
    if (item.type === 'comment') return item
    const value = child(values, item.key)
    const merged = value && merge(item.value, value)
    return merged && { ...item, value: merged }
  })
  return items.every((item) => item !== undefined) ? { ...old, items } : undefined
}

function merge(old: Node, value: Node): Node | undefined {
  if (old.type === 'map' && value.type === 'map') return inLayoutOf(old, value)
  if (old.type !== 'leaf' || value.type !== 'leaf') return undefined
  return { ...value, ...(old.place && { place: old.place }) }
}
