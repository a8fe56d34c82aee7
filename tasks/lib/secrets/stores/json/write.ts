import { SecretError } from '../../errors.ts'
import { encodeMetadata, type PlainValue } from '../../metadata/encode.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import { type Entry, entry, leaf, list, type MapNode, map, type Node } from '../../tree/tree.ts'
import { jsonLiteral, jsonString } from './scalar.ts'

/** How JSON is laid out: on one line, or with each level indented by this text. `level` is that of the first line. */
export interface Layout {
  indent: string | undefined
  level?: number
}

/** A node as JSON. Comments are left out: JSON has none. Throws a SecretError for a number that JSON has not. */
export function writeJson(node: Node, { indent, level = 0 }: Layout): string {
  if (node.type === 'leaf') {
    const literal = jsonLiteral(node.value)
    if (literal !== undefined) return literal
    throw new SecretError('has a number that JSON cannot hold: infinity or not a number', {
      code: 'dumpTree',
    })
  }
  const inner = { indent, level: level + 1 }
  const [open, close] = node.type === 'map' ? ['{', '}'] : ['[', ']']
  const parts =
    node.type === 'map'
      ? node.items.filter((item): item is Entry => item.type === 'entry').map((item) => member(item, inner))
      : node.items
          .filter((item): item is Node => item.type !== 'comment')
          .map((item) => writeJson(item, inner))
  if (parts.length === 0) return open + close
  const line = (depth: number) => (indent === undefined ? '' : `\n${indent.repeat(depth)}`)
  return open + line(level + 1) + parts.join(`,${line(level + 1)}`) + line(level) + close
}

/** "sops": {…} */
export function sopsMember(metadata: Metadata, layout: Layout): string {
  return member(sopsEntry(metadata), layout)
}

export function sopsEntry(metadata: Metadata): Entry {
  return entry('sops', plainNode(encodeMetadata(metadata)))
}

function member({ key, value }: Entry, layout: Layout): string {
  return `${jsonString(key)}:${layout.indent === undefined ? '' : ' '}${writeJson(value, layout)}`
}

function plainNode(value: PlainValue): Node {
  if (Array.isArray(value)) return list(value.map(plainNode))
  if (typeof value !== 'object') return leaf(typeof value === 'number' ? BigInt(value) : value)
  return map(Object.entries(value).map(([key, item]) => entry(key, plainNode(item))))
}

/** A node as plain values, without comments; of a key that is there twice, the last. */
export function plainOf(node: Node): unknown {
  if (node.type === 'leaf') return node.value
  if (node.type === 'list')
    return node.items.filter((item) => item.type !== 'comment').map((item) => plainOf(item))
  return plainMap(node)
}

function plainMap(node: MapNode): Record<string, unknown> {
  const entries = node.items.filter((item): item is Entry => item.type === 'entry')
  return Object.fromEntries(entries.map(({ key, value }) => [key, plainOf(value)]))
}
