import type { Comment, MapNode, Node } from '../tree/tree.ts'
import { valueBytes, valueType } from '../tree/values.ts'

/** A text that two nodes have in common exactly when they hold the same, comments and order included. */
export function identityOf(node: Node | Comment | undefined): string {
  if (node === undefined) return ''
  if (node.type === 'comment') return `#${JSON.stringify(node.text)}${node.inline ? 'i' : ''}`
  if (node.type === 'list') return `[${node.items.map(identityOf).join()}]`
  if (node.type === 'map') {
    return `{${node.items.map((item) => (item.type === 'comment' ? identityOf(item) : `${JSON.stringify(item.key)}:${identityOf(item.value)}`)).join()}}`
  }
  if (node.value === null) return 'null'
  return `${valueType(node.value)}:${Buffer.from(valueBytes(node.value)).toString('base64')}`
}

export function isSame(a: Node | Comment | undefined, b: Node | Comment | undefined): boolean {
  return identityOf(a) === identityOf(b)
}

/** Whether two files have the same keys, elements and comments at the same places, whatever their values. */
export function hasShapeOf(a: MapNode[], b: MapNode[]): boolean {
  return shapeOf({ type: 'list', items: a }) === shapeOf({ type: 'list', items: b })
}

function shapeOf(node: Node | Comment): string {
  if (node.type === 'list') return `[${node.items.map(shapeOf).join()}]`
  if (node.type !== 'map') return node.type
  return `{${node.items.map((item) => (item.type === 'comment' ? 'comment' : `${JSON.stringify(item.key)}:${shapeOf(item.value)}`)).join()}}`
}
