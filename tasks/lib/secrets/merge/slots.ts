import type { Comment, MapNode, Node } from '../tree/tree.ts'
import { isSame } from './same.ts'
import { changedSide, type ThreeWays } from './three-ways.ts'

/** An entry with the comments above it, which move with it. */
export interface Slot {
  key: string
  comments: Comment[]
  value: Node
}

/** A map as slots, and the comments behind its last entry. */
export interface Slots {
  slots: Slot[]
  tail: Comment[]
}

export function slotsOf({ items }: MapNode): Slots {
  const slots: Slot[] = []
  let comments: Comment[] = []
  for (const item of items) {
    if (item.type === 'comment') {
      comments.push(item)
      continue
    }
    slots.push({ key: item.key, comments, value: item.value })
    comments = []
  }
  return { slots, tail: comments }
}

/** Merges slot by slot; what `merge` gives no value for is gone. New ones of theirs follow what they followed there. */
export function mergeSlots(
  sides: ThreeWays<Slots>,
  merge: (key: string, values: ThreeWays<Node | undefined>) => Node | undefined,
): Slots {
  const slots = keysInOrder(sides).flatMap((key) => {
    const found = each(sides, (side) => side.slots.findLast((slot) => slot.key === key))
    const value = merge(
      key,
      each(found, (slot) => slot?.value),
    )
    return value ? [{ key, comments: slotComments(found, value), value }] : []
  })
  return { slots, tail: mergeComments(each(sides, ({ tail }) => tail)) }
}

function each<T, R>({ base, ours, theirs }: ThreeWays<T>, of: (side: T) => R): ThreeWays<R> {
  return { base: of(base), ours: of(ours), theirs: of(theirs) }
}

// A side that alone put the keys into another order is the one to follow.
function keysInOrder(sides: ThreeWays<Slots>): string[] {
  const keys = each(sides, ({ slots }) => [...new Set(slots.map(({ key }) => key))])
  const isReordered = changedSide(keys, (a, b) => a.join('\0') === b.join('\0')) === 'theirs'
  const [order, other] = isReordered ? [keys.theirs, keys.ours] : [keys.ours, keys.theirs]
  const result = [...order]
  other.forEach((key, index) => {
    if (order.includes(key)) return
    result.splice(index === 0 ? 0 : result.indexOf(other[index - 1]!) + 1, 0, key)
  })
  return result
}

// What stands behind a value on its line goes with that value.
function slotComments(slots: ThreeWays<Slot | undefined>, value: Node): Comment[] {
  const { ours, theirs } = slots
  const chosen = [ours, theirs].find((slot) => slot?.value === value)
  const isOfOne = chosen && !isSame(ours?.value, theirs?.value)
  const above = mergeComments(
    each(slots, (slot) => slot?.comments.filter(({ inline }) => !(isOfOne && inline)) ?? []),
  )
  return isOfOne ? [...above, ...chosen.comments.filter(({ inline }) => inline)] : above
}

// Two comments on one thing can both stand there: no conflict for a person to solve.
function mergeComments(sides: ThreeWays<Comment[]>): Comment[] {
  const has = (all: Comment[], one: Comment) => all.some((comment) => isSame(comment, one))
  const side = changedSide(
    sides,
    (a, b) => a.length === b.length && a.every((one, index) => isSame(one, b[index])),
  )
  if (side !== 'both') return sides[side]
  const { base, ours, theirs } = sides
  const kept = ours.filter((comment) => has(theirs, comment) || !has(base, comment))
  return [...kept, ...theirs.filter((comment) => !has(base, comment) && !has(ours, comment))]
}
