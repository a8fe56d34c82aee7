import { lineStart } from '../../edit/text-edits.ts'
import { columnOf } from '../../stores/yaml/rewrite-places.ts'
import { parseDocuments } from '../../stores/yaml/syntax/documents.ts'
import type { YamlNode } from '../../stores/yaml/syntax/node.ts'
import type { Comment, Entry, ListNode, MapNode, Node, Place } from '../../tree/tree.ts'
import type { Block, Outliner, Piece } from './outline.ts'

/** Cuts up YAML: an empty line belongs to what follows it, and each comment of a line is a piece of its own. */
export const outlineYaml: Outliner = ({ document: { text, branches }, clear }) => {
  const documents = parseDocuments(text).map(({ root }) => root)
  const ranges = documentRanges(text)
  if (documents.length !== clear.length || ranges.length !== clear.length) return undefined
  const roots = documents.map((yaml, index) =>
    blockOf(yaml, { text, range: ranges[index]!, read: branches[index]!, clear: clear[index]! }),
  )
  return roots.every((root) => root !== undefined) ? { text, roots } : undefined
}

/** A node as it stands in the text, as it was read (encrypted), and as it is in clear. */
interface Seen<T> {
  text: string
  /** The lines it may take. */
  range: Place
  read: T
  clear: T
}

// A line --- starts a document. Only the ends of documents of which nothing else is known are told so.
function documentRanges(text: string): Place[] {
  const marks = [...text.matchAll(/^---[ \t]*(?:\r?\n|$)/gm)]
  const isFirst = marks.length > 0 && /^(?:[ \t]*(?:#.*)?\r?\n)*$/.test(text.slice(0, marks[0]!.index))
  const starts = marks.map(({ index, 0: mark }) => ({ start: index + mark.length, before: index }))
  const all = isFirst ? starts : [{ start: 0, before: 0 }, ...starts]
  return all.map(({ start }, index) => ({ start, end: all[index + 1]?.before ?? text.length }))
}

interface Core {
  start: number
  item?: Piece['item']
  /** It shares the line of the piece behind it. */
  isInline?: boolean
  inner?(range: Place): Block | undefined
}

function blockOf(yaml: YamlNode, seen: Seen<Node>): Block | undefined {
  if (yaml.isFlow || yaml.content.length === 0 || yaml.kind !== seen.clear.type) return undefined
  const cores =
    yaml.kind === 'map' ? mapCores(yaml, seen as Seen<MapNode>) : listCores(yaml, seen as Seen<ListNode>)
  return cores && cutUp(cores, seen)
}

function mapCores({ content }: YamlNode, { text, read, clear }: Seen<MapNode>): Core[] | undefined {
  const cores: Core[] = []
  let at = 0
  const skipReserved = () => {
    const start = content[at]?.place?.start
    if (start === undefined || content[at]!.value !== 'sops' || columnOf(text, start) > 0) return
    cores.push({ start })
    at += 2
  }
  for (const [index, item] of clear.items.entries()) {
    const own = read.items[index] as Comment | Entry
    if (item.type === 'comment') {
      cores.push(commentCore(text, item, own as Comment))
      continue
    }
    if (content[at]?.value === 'sops' && item.key !== 'sops') skipReserved()
    const [key, value] = [content[at], content[at + 1]]
    at += 2
    const inner = (range: Place) =>
      blockOf(value!, { text, range, read: (own as Entry).value, clear: item.value })
    cores.push({ start: key?.place?.start ?? Number.NaN, item, inner })
  }
  skipReserved()
  return at === content.length ? cores : undefined
}

function listCores({ content }: YamlNode, { text, read, clear }: Seen<ListNode>): Core[] | undefined {
  let at = 0
  const cores = clear.items.map((item, index): Core => {
    const own = read.items[index]!
    if (own.type === 'comment') return commentCore(text, item, own)
    const yaml = content[at++]
    const start = yaml ? dashBefore(text, yaml) : Number.NaN
    if (item.type === 'comment') return { start, item }
    return { start, item, inner: (range) => yaml && blockOf(yaml, { text, range, read: own, clear: item }) }
  })
  return at === content.length ? cores : undefined
}

function commentCore(text: string, item: Core['item'], { place }: Comment): Core {
  const start = place?.start ?? Number.NaN
  return { start, item, isInline: text.slice(lineStart(text, start), start).trim() !== '' }
}

function dashBefore(text: string, { place, content }: YamlNode): number {
  const start = place?.start ?? content[0]?.place?.start ?? Number.NaN
  const line = text.slice(lineStart(text, start), start)
  const found = /^([ \t]*)-[ \t]+(?:[&!]\S*[ \t]+)*$/.exec(line)
  return found ? start - line.length + found[1]!.length : Number.NaN
}

// Each piece starts where the lines above its core are no longer empty, and ends where the next one starts.
function cutUp(cores: Core[], { text, range }: Seen<Node>): Block | undefined {
  const ofLines = cores.filter(({ isInline }) => !isInline)
  const first = ofLines[0]
  if (!first || !ofLines.every(({ start }, at) => start >= (ofLines[at - 1]?.start ?? range.start))) return
  if (ofLines.some(({ start }) => start >= range.end)) return undefined
  const isBehindDash = text.slice(lineStart(text, first.start), first.start).trim() !== ''
  const start = isBehindDash ? first.start : Math.max(range.start, cutAbove(text, first.start))
  const starts = new Map(ofLines.map((core) => [core, cutAbove(text, core.start)]))
  starts.set(first, start)
  const pieces = cores.map((core, at): Piece => {
    const next = cores.slice(at + 1).find(({ isInline }) => !isInline)
    const end = next ? starts.get(next)! : range.end
    if (core.isInline) return { start: end, end: end, item: core.item }
    const own = { start: starts.get(core)!, end }
    return { ...own, item: core.item, inner: core.inner?.(own) }
  })
  const isInOrder = pieces.every(({ start, end }) => start <= end)
  return isInOrder
    ? { start, end: range.end, pieces, separator: '', column: columnOf(text, first.start) }
    : undefined
}

// Back over empty lines.
function cutAbove(text: string, offset: number): number {
  let start = lineStart(text, offset)
  while (start > 0) {
    const above = start === 1 ? 0 : lineStart(text, start - 1)
    if (text.slice(above, start).trim() !== '') break
    start = above
  }
  return start
}
