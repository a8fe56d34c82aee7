import type { YamlNode } from './syntax/node.ts'

/** What surrounds a value in the text. */
export interface Surroundings {
  isFlow: boolean
  /** How deep the lines of a literal block are indented at least. */
  indent: number
  /** Where the - of a value of a list stands. */
  dash?: number
}

/** A text, and what surrounds its scalars, by where they start. */
export interface Source {
  text: string
  surroundings: Map<number, Surroundings>
  /** Where comments start that are to be items of their lists. */
  commentItems: ReadonlySet<number>
}

export function sourceOf(
  text: string,
  { roots, commentItems }: { roots: YamlNode[]; commentItems: ReadonlySet<number> },
): Source {
  const found = new Map<number, Surroundings>()
  const step = stepOf(text)
  for (const root of roots) visit(root, { text, step, found, isFlow: false })
  return { text, surroundings: found, commentItems }
}

interface Visit {
  text: string
  step: number
  found: Map<number, Surroundings>
  isFlow: boolean
}

function visit(node: YamlNode, outer: Visit): void {
  const inner = { ...outer, isFlow: outer.isFlow || node.isFlow }
  for (const item of node.content) visit(item, inner)
  if (node.kind === 'map') visitMap(node, inner)
  if (node.kind === 'list') visitList(node, inner)
}

function visitMap({ content }: YamlNode, { text, step, found, isFlow }: Visit): void {
  const indent = columnOf(text, content[0]?.place?.start ?? 0) + step
  for (const { place } of content) if (place) found.set(place.start, { isFlow, indent })
}

function visitList(list: YamlNode, { text, found, isFlow }: Visit): void {
  const dashes = isFlow ? [] : list.content.map((item) => dashOf(text, item))
  list.content.forEach(({ place }, index) => {
    if (place) found.set(place.start, { isFlow, indent: columnOf(text, place.start), dash: dashes[index] })
  })
}

// The offset of the - before an item; undefined where the item does not start on the same line.
function dashOf(text: string, item: YamlNode): number | undefined {
  const start =
    item.kind === 'list' && !item.isFlow ? item.content[0] && dashOf(text, item.content[0]) : startOf(item)
  if (start === undefined) return undefined
  const before = text.slice(0, start).replace(/&\S+\s+$/, '')
  const end = before.trimEnd().length
  return before[end - 1] === '-' && !before.slice(end).includes('\n') ? end - 1 : undefined
}

function startOf({ place, content }: YamlNode): number | undefined {
  return place?.start ?? content[0]?.place?.start
}

/** How far an offset is from the start of its line. */
export function columnOf(text: string, offset: number): number {
  return offset - (text.lastIndexOf('\n', offset - 1) + 1)
}

// How deep the text indents: as its first indented line.
function stepOf(text: string): number {
  return /^( +)[^\s#-]/m.exec(text)?.[1]?.length ?? 4
}
