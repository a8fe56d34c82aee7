import { UsageError } from '../../cli/errors.ts'
import { jsonStore } from '../stores/json/json-store.ts'
import type { FileType } from '../stores/store.ts'
import { child, leaf, type Node, type Scalar } from '../tree/tree.ts'

/** What a value may be; a file of texts has only strings. */
export const valueTypes = ['string', 'number', 'bool', 'json'] as const
export type ValueType = (typeof valueTypes)[number]

/** A given text as a value: of the type asked for, else of the type that is there. Throws a UsageError, without the text. */
export function typedValue(
  given: string | Uint8Array,
  { type, old, fileType }: { type?: ValueType; old?: Node; fileType: FileType },
): Node {
  const wanted = type ?? typeOf(old)
  const isTexts = fileType === 'dotenv' || fileType === 'ini' || fileType === 'binary'
  if (isTexts && wanted !== 'string')
    throw new UsageError(`a ${fileType} file holds texts only, no ${wanted}`)
  if (wanted === 'string') return leaf(given)
  const text = typeof given === 'string' ? given.trim() : ''
  const node = wanted === 'json' ? jsonNode(text) : scalarNode(text, wanted)
  if (node) return node
  const isOld = type === undefined
  throw new UsageError(`the value given is no ${names[wanted]}${isOld ? ', as the one that is there' : ''}`, {
    ...(isOld && { hint: 'to make it a text: --type string' }),
  })
}

const names = { number: 'number', bool: 'true or false', json: 'JSON' }

function typeOf(old: Node | undefined): ValueType {
  if (old?.type !== 'leaf') return 'string'
  if (typeof old.value === 'boolean') return 'bool'
  return typeof old.value === 'number' || typeof old.value === 'bigint' ? 'number' : 'string'
}

function scalarNode(text: string, type: 'number' | 'bool'): Node | undefined {
  if (type === 'bool') return text === 'true' || text === 'false' ? leaf(text === 'true') : undefined
  const value = jsonNode(text)
  return value?.type === 'leaf' && isNumber(value.value) ? value : undefined
}

function isNumber(value: Scalar): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

// As a JSON file has it: whole numbers stay whole, keys keep their order. Places are those of another text.
function jsonNode(text: string): Node | undefined {
  try {
    const { branches } = jsonStore.parse(Buffer.from(`{"v":${text}}`), { file: '', encrypted: false })
    const value = branches[0]!.items.length === 1 ? child(branches[0]!, 'v') : undefined
    return value && withoutPlaces(value)
  } catch {
    return undefined
  }
}

function withoutPlaces(node: Node): Node {
  if (node.type === 'leaf') return leaf(node.value)
  if (node.type === 'map')
    return {
      ...node,
      items: node.items.map((item) =>
        item.type === 'entry' ? { ...item, value: withoutPlaces(item.value) } : item,
      ),
    }
  return { ...node, items: node.items.map((item) => (item.type === 'comment' ? item : withoutPlaces(item))) }
}
