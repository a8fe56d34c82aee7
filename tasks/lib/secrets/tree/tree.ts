/**
 * A SOPS file in memory: one or more branches (YAML documents; every other kind of file has one), each an ordered map.
 * Source: the `sops` package of getsops/sops, TreeBranches and TreeItem.
 */
export interface MapNode {
  type: 'map'
  items: (Entry | Comment)[]
}

export interface ListNode {
  type: 'list'
  items: (Node | Comment)[]
}

export type Node = Leaf | MapNode | ListNode

export interface Entry {
  type: 'entry'
  key: string
  value: Node
}

export interface Leaf {
  type: 'leaf'
  value: Scalar
  place?: Place
}

/** A comment of one line, without its # or ;. An item of its own in a map or a list. */
export interface Comment {
  type: 'comment'
  text: string
  /** It stood behind a value on the same line; the item stands before that value's entry. */
  inline?: boolean
  place?: Place
}

/**
 * What a leaf holds. string: valid UTF-8; Uint8Array: a string of other bytes; bigint: a whole number (int64);
 * number: a float64; null is neither encrypted nor part of the MAC.
 */
export type Scalar = string | Uint8Array | bigint | number | boolean | Timestamp | null

/** A point in time, as RFC 3339 with nanoseconds and without trailing zeros: "2024-01-02T00:00:00Z". */
export class Timestamp {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** Where a leaf or comment stands in the text it was read from: character offsets, the end excluded. */
export interface Place {
  start: number
  end: number
}

export function leaf(value: Scalar, place?: Place): Leaf {
  return { type: 'leaf', value, ...(place && { place }) }
}

export function entry(key: string, value: Node): Entry {
  return { type: 'entry', key, value }
}

export function map(items: (Entry | Comment)[] = []): MapNode {
  return { type: 'map', items }
}

export function list(items: (Node | Comment)[] = []): ListNode {
  return { type: 'list', items }
}

export function comment(text: string, options: { inline?: boolean; place?: Place } = {}): Comment {
  return { type: 'comment', text, ...options }
}

/** The value of a key; of several equal ones (JSON allows them) the last. */
export function child(node: MapNode, key: string): Node | undefined {
  return node.items.findLast((item): item is Entry => item.type === 'entry' && item.key === key)?.value
}
