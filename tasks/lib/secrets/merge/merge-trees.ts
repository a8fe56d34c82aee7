import { type Comment, entry, type ListNode, list, type MapNode, map, type Node } from '../tree/tree.ts'
import { diff3 } from './diff3.ts'
import { identityOf, isSame } from './same.ts'
import { mergeSlots, type Slot, slotsOf } from './slots.ts'
import { changedSide, type Deciding, decide, type ThreeWays } from './three-ways.ts'

type Item = Node | Comment

/** Merges what stands at one place of a tree; undefined where it is not there. */
export function mergeNodes(
  nodes: ThreeWays<Node | undefined>,
  { path, ...deciding }: Deciding & { path: string },
): Node | undefined {
  const side = changedSide(nodes, isSame)
  if (side !== 'both') return nodes[side]
  const { base, ours, theirs } = nodes
  if (ours?.type === 'map' && theirs?.type === 'map') {
    return mergeMaps({ base: base?.type === 'map' ? base : map(), ours, theirs }, { path, ...deciding })
  }
  if (ours?.type === 'list' && theirs?.type === 'list' && base?.type === 'list') {
    return mergeLists({ base, ours, theirs }, { path, ...deciding })
  }
  return nodes[decide(path || 'everything', deciding)]
}

/** Merges maps key by key: only a key that both sides changed is a conflict. */
export function mergeMaps(
  maps: ThreeWays<MapNode>,
  { path, ...deciding }: Deciding & { path: string },
): MapNode {
  const { slots, tail } = mergeSlots(
    { base: slotsOf(maps.base), ours: slotsOf(maps.ours), theirs: slotsOf(maps.theirs) },
    (key, values) => mergeNodes(values, { ...deciding, path: below(path, key) }),
  )
  const merged = map([
    ...slots.flatMap(({ key, comments, value }: Slot) => [...comments, entry(key, value)]),
    ...tail,
  ])
  deciding.origins.set(merged, maps)
  return merged
}

// Elements have no names: what one side alone changed is taken from it, runs of the same length element by element.
function mergeLists(
  lists: ThreeWays<ListNode>,
  { path, ...deciding }: Deciding & { path: string },
): ListNode {
  const items: Item[] = []
  const chunks = diff3(itemsOf(lists), identityOf)
  const isOnlyAdded = chunks.every(({ stable, base }) => stable || base.length === 0)
  for (const chunk of chunks) {
    const side = changedSide(chunk, (a, b) => isSame(list(a), list(b)))
    const at = items.length
    if (side !== 'both') items.push(...chunk[side])
    else if (isOnlyAdded && chunk === chunks.at(-1)) items.push(...addedByBoth(chunk))
    else items.push(...mergeElements(chunk, { ...deciding, path, at }))
  }
  const merged = list(items)
  deciding.origins.set(merged, lists)
  return merged
}

// What both sides put at the end can stand there both; what is the same stands there once.
function addedByBoth({ ours, theirs }: ThreeWays<Item[]>): Item[] {
  const known = new Set(ours.map(identityOf))
  return [...ours, ...theirs.filter((item) => !known.has(identityOf(item)))]
}

function mergeElements(
  { base, ours, theirs }: ThreeWays<Item[]>,
  { path, at, ...deciding }: Deciding & { path: string; at: number },
): Item[] {
  const isEven = base.length === ours.length && base.length === theirs.length
  if (!isEven || [...base, ...ours, ...theirs].some(({ type }) => type === 'comment')) {
    return { ours, theirs }[decide(path, deciding)]
  }
  return ours.flatMap((item, index) => {
    const nodes = { base: base[index], ours: item, theirs: theirs[index] } as ThreeWays<Node>
    return mergeNodes(nodes, { ...deciding, path: `${path}[${at + index}]` }) ?? []
  })
}

function itemsOf({ base, ours, theirs }: ThreeWays<ListNode>): ThreeWays<Item[]> {
  return { base: base.items, ours: ours.items, theirs: theirs.items }
}

// "2:" is the second YAML document.
function below(path: string, key: string): string {
  return path === '' || path.endsWith(':') ? path + key : `${path}.${key}`
}
