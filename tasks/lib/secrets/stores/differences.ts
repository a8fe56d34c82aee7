import { encodeMetadata } from '../metadata/encode.ts'
import type { Metadata } from '../metadata/metadata.ts'
import type { Comment, Entry, Leaf, MapNode, Node, Scalar } from '../tree/tree.ts'
import { Timestamp } from '../tree/tree.ts'
import { floatText } from '../tree/values.ts'

/** A leaf or comment that differs between two trees. */
export interface Difference {
  before: Leaf | Comment
  after: Leaf | Comment
}

type Item = Node | Comment | Entry

/** What differs between two trees of the same shape; undefined where their shapes differ. */
export function differences(before: MapNode[], after: MapNode[]): Difference[] | undefined {
  const found: Difference[] = []
  return before.length === after.length &&
    before.every((branch, index) => compare(branch, after[index]!, found))
    ? found
    : undefined
}

/** Whether two states of a file are the same: values, comments, order and metadata. */
export function isSameState(a: State, b: State): boolean {
  return differences(a.branches, b.branches)?.length === 0 && metadataText(a) === metadataText(b)
}

interface State {
  branches: MapNode[]
  metadata?: Metadata
}

function metadataText({ metadata }: State): string | undefined {
  return metadata && JSON.stringify(encodeMetadata(metadata))
}

function compare(before: Item, after: Item, found: Difference[]): boolean {
  if (before.type === 'entry') {
    return after.type === 'entry' && before.key === after.key && compare(before.value, after.value, found)
  }
  if (before.type === 'map' || before.type === 'list') {
    return after.type === before.type && compareAll(before.items, after.items, found)
  }
  if (after.type !== before.type) return false
  if (!isSame(before, after as Leaf | Comment)) found.push({ before, after: after as Leaf | Comment })
  return true
}

function compareAll(before: Item[], after: Item[], found: Difference[]): boolean {
  return before.length === after.length && before.every((item, index) => compare(item, after[index]!, found))
}

function isSame(a: Leaf | Comment, b: Leaf | Comment): boolean {
  if (a.type === 'comment' || b.type === 'comment') return (a as Comment).text === (b as Comment).text
  return isSameScalar(a.value, b.value)
}

// A float that is whole and an integer are the same: they are encrypted and written alike.
function isSameScalar(a: Scalar, b: Scalar): boolean {
  if (isNumber(a) && isNumber(b)) return numberText(a) === numberText(b)
  if (a instanceof Timestamp) return b instanceof Timestamp && a.text === b.text
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0
  return Object.is(a, b)
}

function isNumber(value: Scalar): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

function numberText(value: number | bigint): string {
  return typeof value === 'number' ? floatText(value) : String(value)
}
