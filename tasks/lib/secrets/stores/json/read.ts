import {
  type Entry,
  entry,
  type Leaf,
  type ListNode,
  leaf,
  list,
  type MapNode,
  map,
  type Node,
  type Place,
} from '../../tree/tree.ts'
import { maxDepth } from '../../tree/walk.ts'
import type { ParseOptions } from '../store.ts'
import { lineAt, textError, tooDeep } from '../text.ts'
import { jsonNumber, jsonText } from './scalar.ts'

/** A JSON object with the places of its leaves, and those of its own members: each from its key to the end of its value. */
export interface JsonObject {
  root: MapNode
  members: Place[]
  /** From behind "{" up to "}". */
  inside: Place
}

/**
 * Reads the text of a JSON object, as sops does: order and duplicates stay, whole numbers of 64 bits are exact, lone
 * surrogates become U+FFFD. A cut text, or more text behind the object, is an error here; sops drops what it cannot
 * read of these in silence. `onObject` hears of each object inside. Throws a SecretError with the line.
 */
export function readJson(
  text: string,
  options: ParseOptions,
  onObject?: (object: JsonObject) => void,
): JsonObject {
  const reader = new Reader(text, options, onObject)
  reader.skipSpace()
  if (reader.at === text.length) throw reader.error('is empty: expected a JSON object, such as {}')
  if (text[reader.at] !== '{') {
    throw reader.error('expected a JSON object at the top', 'put it into one: {"data": …}')
  }
  const object = reader.object(0)
  reader.skipSpace()
  if (reader.at < text.length) throw reader.error('has more text behind the JSON object')
  return object
}

const space = /[ \t\r\n]*/y
const literal = /true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const words: Record<string, true | false | null> = { true: true, false: false, null: null }

class Reader {
  at = 0
  readonly #text: string
  readonly #options: ParseOptions
  readonly #onObject: ((object: JsonObject) => void) | undefined

  constructor(text: string, options: ParseOptions, onObject?: (object: JsonObject) => void) {
    this.#text = text
    this.#options = options
    this.#onObject = onObject
  }

  object(depth: number): JsonObject {
    const items: Entry[] = []
    const members: Place[] = []
    const inside = this.at + 1
    this.#all('}', () => {
      const { at: start } = this
      if (this.#text[start] !== '"') throw this.error('expected a key in double quotes')
      const key = this.#string()
      this.skipSpace()
      if (this.#text[this.at] !== ':') throw this.error('expected : behind the key')
      this.at++
      this.skipSpace()
      items.push(entry(key, this.#value(depth + 1)))
      members.push({ start, end: this.at })
    })
    const object = { root: map(items), members, inside: { start: inside, end: this.at - 1 } }
    this.#onObject?.(object)
    return object
  }

  skipSpace(): void {
    space.lastIndex = this.at
    space.test(this.#text)
    this.at = space.lastIndex
  }

  error(message: string, hint?: string) {
    return textError(message, { ...this.#options, line: lineAt(this.#text, this.at), hint })
  }

  #list(depth: number): ListNode {
    const items: Node[] = []
    this.#all(']', () => items.push(this.#value(depth + 1)))
    return list(items)
  }

  // What is between brackets: `one` reads each of its parts, with commas between them.
  #all(end: '}' | ']', one: () => void): void {
    this.at++
    this.skipSpace()
    if (this.#text[this.at] === end) return void this.at++
    for (;;) {
      one()
      this.skipSpace()
      const next = this.#text[this.at]
      if (next !== ',' && next !== end) throw this.error(`expected , or ${end}`)
      this.at++
      if (next === end) return
      this.skipSpace()
    }
  }

  #value(depth: number): Node {
    if (depth > maxDepth) throw tooDeep({ ...this.#options, line: lineAt(this.#text, this.at) })
    const first = this.#text[this.at]
    if (first === '{') return this.object(depth).root
    if (first === '[') return this.#list(depth)
    const start = this.at
    const value = first === '"' ? this.#string() : this.#literal()
    return leaf(value, { start, end: this.at })
  }

  #string(): string {
    const end = stringEnd(this.#text, this.at)
    const value = end === undefined ? undefined : jsonText(this.#text.slice(this.at, end))
    if (value === undefined)
      throw this.error('has a text that is not JSON: a quote is missing, or a \\ is wrong')
    this.at = end!
    return value
  }

  #literal(): Leaf['value'] {
    literal.lastIndex = this.at
    const found = literal.exec(this.#text)?.[0]
    if (found === undefined) throw this.error('expected a value')
    const value = found in words ? words[found]! : jsonNumber(found)
    if (value === undefined) throw this.error('has a number that is too large')
    this.at += found.length
    return value
  }
}

// A quote ends the text where an even number of backslashes stands before it.
function stringEnd(text: string, start: number): number | undefined {
  for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = quote
    while (text[slashes - 1] === '\\') slashes--
    if ((quote - slashes) % 2 === 0) return quote + 1
  }
  return undefined
}
