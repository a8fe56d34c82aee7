import type { Document, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { isAlias, isMap, isScalar, isSeq } from '../yaml/parse.ts'
import { isProblem, typeKey } from '../yaml/scalars.ts'
import { type PathStep, parsePath } from './paths.ts'

/** Reads the text of a scalar with this object's values in it. */
export type ReadText = (scalar: Scalar) => string

/**
 * The node of a field, or of the nearest thing above it that the document has: a server may report a field that is
 * missing, or one that it added itself.
 */
export function findNode(document: Document, path: string, readText: ReadText): Node {
  let node = document.contents as Node
  let nearest = node
  for (let steps = parsePath(path); ; ) {
    const step = stepInto(follow(node, document), steps, readText)
    if (step === undefined) return nearest
    nearest = step.shown
    if (step.node === null || step.rest.length === 0) return nearest
    node = step.node
    steps = step.rest
  }
}

/** `shown` is what an error points at: the key of a map's field, the item of a sequence. */
interface Stepped {
  node: Node | null
  shown: Node
  rest: PathStep[]
}

function stepInto(node: Node | null, steps: PathStep[], readText: ReadText): Stepped | undefined {
  if (isMap(node)) return stepIntoMap(node, steps, readText)
  if (!isSeq(node)) return undefined
  const item = itemOf(node, steps[0], readText)
  return item && { node: item, shown: firstKey(item), rest: steps.slice(1) }
}

// A key may hold dots of its own ("app.kubernetes.io/name"): the longest run of words that is a key is taken.
function stepIntoMap(map: YAMLMap, steps: PathStep[], readText: ReadText): Stepped | undefined {
  const end = steps.findIndex((step) => typeof step === 'object')
  for (let length = end < 0 ? steps.length : end; length > 0; length--) {
    const key = steps.slice(0, length).join('.')
    const pair = map.items.findLast((item) => isScalar(item.key) && keyOf(item.key, readText) === key) as
      | Pair<Node, Node | null>
      | undefined
    if (pair) return { node: pair.value, shown: pair.key, rest: steps.slice(length) }
  }
  return undefined
}

function keyOf(key: Scalar, readText: ReadText): string | undefined {
  const typed = typeKey({ text: readText(key), isPlain: key.type === 'PLAIN', tag: key.tag ?? '' })
  return isProblem(typed) ? undefined : typed
}

function itemOf(sequence: YAMLSeq, step: PathStep | undefined, readText: ReadText): Node | undefined {
  const items = sequence.items as Node[]
  if (typeof step === 'number') return items[step]
  if (typeof step !== 'object') return undefined
  return items.find((item) => {
    if (!isMap(item)) return false
    const value = item.get(step.key, true)
    return isScalar(value) && readText(value) === step.value
  })
}

function firstKey(item: Node): Node {
  const key = isMap(item) ? (item.items[0]?.key as Node | undefined) : undefined
  return key ?? item
}

function follow(node: Node | null, document: Document): Node | null {
  return isAlias(node) ? (node.resolve(document) ?? null) : node
}
