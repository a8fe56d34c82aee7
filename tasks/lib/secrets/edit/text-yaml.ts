import type { Edit } from '../stores/splice.ts'
import { emitYaml } from '../stores/yaml/emit.ts'
import { columnOf } from '../stores/yaml/rewrite-places.ts'
import { parseDocuments } from '../stores/yaml/syntax/documents.ts'
import type { YamlNode } from '../stores/yaml/syntax/node.ts'
import { entry, type MapNode, map, type Node } from '../tree/tree.ts'
import { insertedLines, lineEnd, lineStart, type TextEdits } from './text-edits.ts'

/** The edits of YAML: a new key goes to the end of its map; one that is taken away loses its lines. */
export const yamlEdits: TextEdits = ({ text }, { path, node }) => {
  const root = parseDocuments(text)[path.branch]?.root
  const place = root && descend(root, path.steps)
  if (!place || place.parents.some(({ isFlow, content }) => isFlow && content.length > 0)) return undefined
  if (node === undefined) return removal(text, place)
  if (place.rest.length > 0) return addition(text, place, node)
  if (!place.key) return undefined
  // A map in the place of a text, or the other way round: the old lines go, and the new ones come there.
  const key = path.steps.at(-1) as string
  const [old] = removedLines(text, place.key, place.value)
  return [{ ...old!, text: lines(text, { key, node, indent: indentOf(text, place.key) }) }]
}

interface At {
  /** The maps and lists on the way, from the top. */
  parents: YamlNode[]
  /** The key of the value, where it is not an item of a list. */
  key?: YamlNode
  value: YamlNode
  /** The keys that are not there. */
  rest: string[]
}

function descend(root: YamlNode, steps: (string | number)[]): At | undefined {
  const at: At = { parents: [], value: root, rest: [] }
  for (const [depth, step] of steps.entries()) {
    const { content, kind } = at.value
    const isKey = (_: YamlNode, position: number) => position % 2 === 0 && content[position]!.value === step
    const index = kind === 'map' ? content.findIndex(isKey) : -1
    const next = kind === 'list' ? content[step as number] : content[index + 1]
    if (kind === 'map' || kind === 'list') at.parents.push(at.value)
    if (!next || (kind === 'map' && index < 0)) {
      at.rest = steps.slice(depth) as string[]
      break
    }
    at.key = content[index]
    at.value = next
  }
  return at.rest.every((step) => typeof step === 'string') ? at : undefined
}

function addition(text: string, { parents, key, value, rest }: At, node: Node): Edit[] | undefined {
  const [first, ...deeper] = rest as [string, ...string[]]
  const nested = deeper.reduceRight<Node>((inner, step) => map([entry(step, inner)]), node)
  const last = value.kind === 'map' ? value.content.at(-2) : undefined
  if (last) {
    const indent = indentOf(text, last)
    const end = lineEnd(text, endOf(last, value.content.at(-1)!))
    return [insertedLines(text, end, lines(text, { key: first, node: nested, indent }))]
  }
  // "stringData:" or "stringData: {}": what stands behind the key makes room.
  if (!key?.place) return undefined
  const behind = /^:(?:[ \t]*(?:\{[ \t]*\}|null|~))?(?=[ \t]*(?:#|\r?\n|$))/.exec(text.slice(key.place.end))
  if (!behind || parents.length === 0) return undefined
  const indent = indentOf(text, key) + stepOf(text)
  const inside = lines(text, { key: first, node: nested, indent })
  const start = key.place.end
  return [
    { start, end: start + behind[0].length, text: ':' },
    insertedLines(text, lineEnd(text, start), inside),
  ]
}

function removal(text: string, { parents, key, value, rest }: At): Edit[] | undefined {
  if (!key || rest.length > 0) return undefined
  const map = parents.at(-1)!
  const own = removedLines(text, key, value)
  if (map.content.length > 2) return own
  const above = parents.at(-2)?.content.find((_, at, all) => all[at + 1] === map)
  if (!above?.place) return undefined
  const start = above.place.end
  return [{ start, end: start + (text[start] === ':' ? 1 : 0), text: ': {}' }, ...own]
}

function removedLines(text: string, key: YamlNode, value: YamlNode): Edit[] {
  const start = lineStart(text, key.place!.start)
  return [{ start, end: lineEnd(text, endOf(key, value)), text: '' }]
}

// Where the last thing in a value ends; an alias, or nothing, ends on the line of its key.
function endOf(key: YamlNode, value: YamlNode): number {
  const ends = [key, value, ...value.content].flatMap(({ place }) => place?.end ?? [])
  const inner = value.content.flatMap((item, at) =>
    at % 2 ? endOf(value.content[at - 1]!, item) : endOf(item, item),
  )
  return Math.max(...ends, ...inner)
}

function indentOf(text: string, key: YamlNode): number {
  return columnOf(text, key.place!.start)
}

function stepOf(text: string): number {
  return /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 4
}

// As sops would write the entry, moved to where it belongs.
function lines(text: string, { key, node, indent }: { key: string; node: Node; indent: number }): string {
  const branch: MapNode = map([entry(key, node)])
  const emitted = Buffer.from(emitYaml({ branches: [branch] }, { indent: stepOf(text) })).toString()
  return emitted.replace(/^(?=[^\n])/gm, ' '.repeat(indent))
}
