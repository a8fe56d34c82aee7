import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml'
import type { Finding, Place } from '../../cli/errors.ts'

/** A parsed YAML file: nodes without aliases, each with its place. */
export interface YamlFile {
  root: Node | undefined
  findings: Finding[]
  placeOf(node: unknown): Place
  /** The node itself, or what its alias stands for; undefined where nothing is written. */
  resolve(node: unknown): Node | undefined
}

/** Parses a YAML file and words what the parser finds. */
export function parseYamlFile(text: string, file: string): YamlFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, prettyErrors: false, merge: false, uniqueKeys: true })
  const placeAt = (offset: number): Place => {
    const { line, col } = lineCounter.linePos(offset)
    return { file, line, column: col }
  }
  return {
    root: resolveNode(document.contents, document),
    findings: document.errors.map((error) => ({
      severity: 'error',
      ...placeAt(error.pos[0]),
      ...wording(error, text),
    })),
    placeOf: (node) => placeAt((node as Node | undefined)?.range?.[0] ?? 0),
    resolve: (node) => resolveNode(node, document),
  }
}

/** The pairs of a map: first what "<<" merges into it, then its own, which are the stronger ones. */
export function pairsOf(
  map: YAMLMap,
  resolve: YamlFile['resolve'],
): { key: Scalar; value: Node | undefined }[] {
  const isMerge = (pair: { key: unknown }) => keyText(pair.key) === '<<'
  const merged = map.items.filter(isMerge).flatMap((pair) => mergedPairs(pair.value, resolve))
  const own = map.items.filter((pair) => !isMerge(pair))
  return [...merged, ...own].map((pair) => ({ key: pair.key as Scalar, value: resolve(pair.value) }))
}

/** A key or scalar as it is written, quotes aside: 1.30 stays "1.30". */
export function keyText(node: unknown): string {
  if (!isScalar(node)) return String(node)
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))
}

/** True where $NAME is expanded: plain and double-quoted values, as in .env files. */
export function isExpanded(node: { type?: string }): boolean {
  return node.type === 'PLAIN' || node.type === 'QUOTE_DOUBLE'
}

function resolveNode(node: unknown, document: Document): Node | undefined {
  const found = isAlias(node) ? (node as Alias).resolve(document) : (node as Node | null | undefined)
  if (!found || (isScalar(found) && found.value === null)) return undefined
  return found as Node
}

function mergedPairs(value: unknown, resolve: YamlFile['resolve']): YAMLMap['items'] {
  const found = resolve(value)
  return isMap(found) ? found.items : []
}

function wording({ code, message, pos }: YAMLParseError, text: string): { message: string; hint: string } {
  if (code === 'TAB_AS_INDENT') return { message: 'a tab begins this line', hint: 'indent with spaces' }
  if (code === 'DUPLICATE_KEY')
    return { message: `the key ${wordAt(text, pos[0])} is there twice`, hint: 'remove one of the two' }
  if (code === 'MULTIPLE_DOCS')
    return { message: 'a second document begins here', hint: 'remove the line "---"' }
  const [first] = message.split('\n')
  const lower = first!.charAt(0).toLowerCase() + first!.slice(1).replace(/\.$/, '')
  return {
    message: `not valid YAML: ${lower}`,
    hint: 'check indentation, quotes and colons of this line and the one above',
  }
}

function wordAt(text: string, offset: number): string {
  return /^[^:\s]+/.exec(text.slice(offset))?.[0] ?? ''
}
