import type { Alias, Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import { type MappingEntry, sizeOf, type TemplateNode } from '../substitute/template.ts'
import { type Position, positionOfItems, positionUnder } from '../substitute/zones.ts'
import { compileKey, compileScalar, rawText } from './compile-scalar.ts'
import { type Compiler, compileIn } from './compiler.ts'
import { isAlias, isMap, isScalar, isSeq, startOf } from './parse.ts'

/** Deeper than any manifest, and shallow enough for every recursion here. */
const deepest = 500

/** Turns a YAML node into a template: references found, constants typed, aliases followed, keys checked. */
export function compile(node: Node | null, position: Position, compiler: Compiler): TemplateNode {
  if (node === null) return { kind: 'constant', value: null }
  if (isAlias(node)) return compileAlias(node, position, compiler)
  if (compiler.path.length > deepest) {
    compiler.report('error', `the document is nested deeper than ${deepest} levels`, startOf(node))
    return { kind: 'constant', value: null }
  }
  const { anchor } = node as { anchor?: string }
  if (anchor) compiler.anchors.set(anchor, node)
  compiler.open.add(node)
  const compiled = compileNode(node, position, compiler)
  compiler.open.delete(node)
  return compiled
}

function compileNode(node: Node, position: Position, compiler: Compiler): TemplateNode {
  if (isMap(node)) return compileMap(node, position, compiler)
  if (isSeq(node)) return compileSequence(node, position, compiler)
  return compileScalar(node as Scalar, position, compiler)
}

function compileAlias(alias: Alias, position: Position, compiler: Compiler): TemplateNode {
  const target = compiler.anchors.get(alias.source)
  if (target === undefined || compiler.open.has(target)) {
    const problem = target
      ? `the anchor "${alias.source}" contains itself`
      : `there is no anchor "${alias.source}" above`
    compiler.report('error', problem, startOf(alias))
    return { kind: 'constant', value: null }
  }
  const known = compiler.aliased.get(target) ?? new Map<Position, TemplateNode>()
  compiler.aliased.set(target, known)
  const compiled = known.get(position) ?? compile(target, position, compiler)
  known.set(position, compiled)
  return compiled
}

function compileSequence(sequence: YAMLSeq, position: Position, compiler: Compiler): TemplateNode {
  const key = compiler.path.at(-1)
  const inside = positionOfItems(position, typeof key === 'string' ? key : undefined)
  const items = sequence.items.map((item, index) =>
    compileIn(compiler, [index], () => compile(item as Node | null, inside, compiler)),
  )
  return { kind: 'sequence', items, size: items.reduce((sum, item) => sum + sizeOf(item), 1) }
}

function compileMap(map: YAMLMap, position: Position, compiler: Compiler): TemplateNode {
  const entries: MappingEntry[] = []
  const seen = new Map<string, number>()
  for (const pair of map.items as Pair<Node | null, Node | null>[]) {
    const entry = compileEntry(pair, position, compiler)
    if (entry === undefined) continue
    entries.push(entry)
    if (typeof entry.key === 'string') checkDuplicate(entry.key, startOf(pair.key!), { seen, compiler })
  }
  const hasOpenKeys = entries.some(({ key }) => typeof key !== 'string')
  return {
    kind: 'mapping',
    entries,
    hasOpenKeys,
    size: entries.reduce((sum, { value }) => sum + sizeOf(value), 1),
  }
}

function compileEntry(
  pair: Pair<Node | null, Node | null>,
  position: Position,
  compiler: Compiler,
): MappingEntry | undefined {
  const key = isAlias(pair.key) ? (compiler.anchors.get(pair.key.source) ?? null) : pair.key
  const at = pair.key ? startOf(pair.key) : 0
  if (!isScalar(key)) {
    compiler.report('error', 'a key must be a single value, not a map or a list', at)
    return undefined
  }
  const offset = compiler.marked.offset(at)
  if (isMerge(key)) {
    return { key: undefined, offset, value: compile(pair.value, position, compiler) }
  }
  const compiled = compileKey(key, position, compiler)
  if (compiled === undefined) return undefined
  const name = typeof compiled === 'string' ? compiled : rawText(compiled.pieces)
  const value = compileIn(compiler, [name], () =>
    compile(pair.value, positionUnder(position, name), compiler),
  )
  return { key: compiled, offset, value }
}

function isMerge({ source, type, tag }: Scalar): boolean {
  return source === '<<' && ((type === 'PLAIN' && !tag) || tag === 'tag:yaml.org,2002:merge')
}

function checkDuplicate(
  key: string,
  offset: number,
  { seen, compiler }: { seen: Map<string, number>; compiler: Compiler },
): void {
  const first = seen.get(key)
  if (first === undefined) {
    seen.set(key, offset)
    return
  }
  const where = compiler.lineOf(compiler.marked.offset(first))
  compiler.report('error', `the key "${key}" stands twice in this map: first in ${where}`, offset)
}
