import type { Document, Node, YAMLMap } from 'yaml'
import { type Scope, substituteQuietly } from '../substitute/substitute.ts'
import { type ObjectTemplate, sizeOf } from '../substitute/template.ts'
import { elsewhere, objectPosition } from '../substitute/zones.ts'
import { compile } from '../yaml/compile.ts'
import { type Compiler, compileIn } from '../yaml/compiler.ts'
import { isAlias, isMap, isScalar, isSeq, startOf } from '../yaml/parse.ts'
import { adaptToQuotes } from '../yaml/quotes.ts'
import { typeScalar } from '../yaml/scalars.ts'
import { pathText } from './paths.ts'

/** The annotation by which one object of a file asks not to be substituted. */
const optOutAnnotation = 'metaltasks/subst'

/** The objects of one document, Lists flattened. An empty document, or null, has none; what is no object is reported. */
export function compileObjects(document: Document, compiler: Compiler, scope: Scope): ObjectTemplate[] {
  const root = document.contents as Node | null
  if (root === null || isNothing(root)) return []
  const objects = compileObject(root, { compiler, scope })
  const size = objects.reduce((sum, object) => sum + sizeOf(object.root), 0)
  if (size <= mostValues || compiler.aliased.size === 0) return objects
  compiler.report('error', `aliases make more than ${mostValues} values of this document`, startOf(root))
  return []
}

/** What a document may grow to by its aliases. */
const mostValues = 1_000_000

function isNothing(root: Node): boolean {
  if (!isScalar(root) || root.anchor) return false
  return typeScalar({ text: root.source ?? '', isPlain: root.type === 'PLAIN', tag: root.tag ?? '' }) === null
}

interface Work {
  compiler: Compiler
  scope: Scope
  inherited?: ObjectTemplate['inherited']
}

function compileObject(node: Node | null, work: Work): ObjectTemplate[] {
  const { compiler, inherited } = work
  const root = follow(node, compiler)
  if (!isMap(root)) {
    const offset = node === null ? 0 : startOf(node)
    compiler.report(
      'error',
      'not a Kubernetes object: a map with apiVersion, kind and metadata is expected',
      offset,
    )
    return []
  }
  const kind = textAt(root, 'kind', work) ?? inherited?.kind ?? ''
  if (kind.endsWith('List') && isSeq(follow(valueAt(root, 'items'), compiler))) return compileList(root, work)
  const annotations = follow(valueAt(follow(valueAt(root, 'metadata'), compiler), 'annotations'), compiler)
  const optsOut = textAt(annotations, optOutAnnotation, work) === 'none'
  const compiled = compile(node, objectPosition(kind, optsOut), compiler)
  const offset = compiler.marked.offset(startOf(root))
  return [{ root: compiled, document: 0, base: pathText(compiler.path), offset, inherited }]
}

// Items of a typed list may leave out what the list says: ConfigMapList holds ConfigMaps. What else the list has is
// compiled for the sake of its anchors only.
function compileList(list: YAMLMap, work: Work): ObjectTemplate[] {
  const { compiler } = work
  const kind = (textAt(list, 'kind', work) ?? '').slice(0, -'List'.length)
  const inherited = kind === '' ? undefined : { kind, apiVersion: textAt(list, 'apiVersion', work) ?? '' }
  const objects: ObjectTemplate[] = []
  for (const pair of list.items) {
    const isItems = isScalar(pair.key) && pair.key.source === 'items'
    const value = follow(pair.value as Node | null, compiler)
    if (!isItems || !isSeq(value)) {
      compile(pair.value as Node | null, elsewhere, compiler)
      continue
    }
    for (const [index, item] of value.items.entries()) {
      const compileItem = () => compileObject(item as Node | null, { ...work, inherited })
      objects.push(...compileIn(compiler, ['items', index], compileItem))
    }
  }
  return objects
}

function follow(node: Node | null | undefined, compiler: Compiler): Node | null {
  if (isAlias(node)) return compiler.anchors.get(node.source) ?? null
  return node ?? null
}

function valueAt(node: Node | null, key: string): Node | null {
  if (!isMap(node)) return null
  const pair = node.items.findLast((item) => isScalar(item.key) && item.key.source === key)
  return (pair?.value ?? null) as Node | null
}

/** The text of a field, substituted: it decides how the rest is read. */
function textAt(node: Node | null, key: string, { compiler, scope }: Work): string | undefined {
  const value = follow(valueAt(node, key), compiler)
  if (!isScalar(value) || value.source === undefined) return undefined
  const pieces = compiler.marked.pieces(value.source)
  return pieces ? substituteQuietly(adaptToQuotes(pieces, value.type), scope) : value.source
}
