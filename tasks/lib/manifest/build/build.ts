import type { Json, JsonMap } from '../object.ts'
import { type Scope, substitute } from '../substitute/substitute.ts'
import type { MappingEntry, MappingNode, ScalarNode, TemplateNode } from '../substitute/template.ts'
import { isProblem, typeKey, typeScalar } from '../yaml/scalars.ts'

/** What building needs beside the template. */
export interface Builder {
  scope: Scope
  /** An error at an offset of the file. */
  report(message: string, offset: number): void
  /** Reads the text that `!yaml ${NAME}` inserts. */
  parseInserted(text: string, scalar: ScalarNode): Json
  /** "line 5", for a message about two places. */
  lineOf(offset: number): string
}

/** Builds the value of a template with the values of a scope. Nothing of the result is shared with another. */
export function build(node: TemplateNode, builder: Builder): Json {
  switch (node.kind) {
    case 'constant':
      return node.value
    case 'scalar':
      return buildScalar(node, builder)
    case 'sequence':
      return node.items.map((item) => build(item, builder))
    case 'mapping':
      return node.hasOpenKeys ? buildOpenMapping(node, builder) : buildMapping(node, builder)
  }
}

/** Sets a key of a map, `__proto__` as any other. */
function setKey(map: JsonMap, key: string, value: Json): void {
  if (key !== '__proto__') map[key] = value
  else Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
}

function buildScalar(node: ScalarNode, builder: Builder): Json {
  const text = substitute(node, builder.scope)
  if (node.tag === '!yaml') return builder.parseInserted(text, node)
  const { isPlain, tag, offset } = node
  const value = typeScalar({ text: isPlain ? trim(text) : text, isPlain, tag })
  if (!isProblem(value)) return value
  builder.report(value.problem, offset)
  return null
}

function buildMapping(node: MappingNode, builder: Builder): JsonMap {
  const map: JsonMap = {}
  for (const { key, value } of node.entries) setKey(map, key as string, build(value, builder))
  return map
}

// Keys may turn out equal only now. A merged key is no duplicate of one that the map itself has.
function buildOpenMapping(node: MappingNode, builder: Builder): JsonMap {
  const map: JsonMap = {}
  const seen = new Map<string, number>()
  for (const entry of node.entries) {
    const value = build(entry.value, builder)
    const key = entry.key === undefined ? undefined : buildKey(entry.key, builder)
    if (entry.key === undefined) mergeInto(map, value, { entry, builder })
    if (key === undefined) continue
    const first = seen.get(key)
    if (first !== undefined) {
      builder.report(
        `the key "${key}" stands twice in this map: first in ${builder.lineOf(first)}`,
        entry.offset,
      )
    }
    seen.set(key, entry.offset)
    setKey(map, key, value)
  }
  return map
}

function buildKey(key: string | ScalarNode, builder: Builder): string | undefined {
  if (typeof key === 'string') return key
  const { isPlain, tag, offset } = key
  const text = substitute(key, builder.scope)
  const typed = typeKey({ text: isPlain ? trim(text) : text, isPlain, tag })
  if (!isProblem(typed)) return typed
  builder.report(typed.problem, offset)
  return undefined
}

// go-yaml v2 merges where `<<` stands: what was set above it is overwritten, and of several maps the first one wins.
function mergeInto(
  map: JsonMap,
  value: Json,
  { entry, builder }: { entry: MappingEntry; builder: Builder },
): void {
  const sources = Array.isArray(value) ? [...value].reverse() : [value]
  for (const source of sources) {
    if (typeof source !== 'object' || source === null || Array.isArray(source)) {
      builder.report('<< merges a map or a list of maps, nothing else', entry.offset)
      return
    }
    for (const [key, merged] of Object.entries(source)) setKey(map, key, merged)
  }
}

/** What YAML takes for white space around a plain scalar. */
function trim(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}
