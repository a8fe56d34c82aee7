import { encodeMetadata } from '../../metadata/encode.ts'
import { flatten } from '../../metadata/flatten.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import { map, type Place } from '../../tree/tree.ts'
import { type Edit, splice } from '../splice.ts'
import { emitYaml } from './emit.ts'
import { styleOf } from './scalar-style.ts'
import { doubleQuoted } from './scalar-text.ts'
import type { YamlNode } from './syntax/node.ts'

/** A text with the roots of its documents, and what its sops block says. */
export interface Sealable {
  text: string
  roots: YamlNode[]
  metadata?: Metadata
}

/** How the sops block changes in every document; undefined where it stands in brackets or indented. */
export function blockEdits(
  own: Sealable,
  after: Metadata | undefined,
  { like }: { like?: Sealable },
): Edit[] | undefined {
  if (!own.metadata) return after ? added(own, blockText(own, after, { like })) : []
  const places = blockPlaces(own)
  if (!places) return undefined
  if (!after) return places.map((place) => removed(own.text, place))
  const fields = fieldEdits(own, after)
  return fields ?? places.map((place) => ({ ...place, text: newBlock(after, lineBreakOf(own.text)) }))
}

function blockText(own: Sealable, after: Metadata, { like }: { like?: Sealable }): string {
  const lineBreak = lineBreakOf(own.text)
  const place = like?.metadata && blockPlaces(like)?.[0]
  const fields = place && fieldEdits(like!, after)
  if (!fields) return newBlock(after, lineBreak)
  const { start, end } = place
  const within = fields.filter((edit) => edit.start >= start && edit.end <= end)
  const shifted = within.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  const text = splice(like!.text.slice(start, end), shifted).replaceAll(/\r?\n/g, lineBreak)
  return text.endsWith('\n') ? text : text + lineBreak
}

function newBlock(metadata: Metadata, lineBreak: string): string {
  const text = Buffer.from(emitYaml({ branches: [map()], metadata })).toString()
  return text.replaceAll('\n', lineBreak)
}

/** How the lines of a text end. */
export function lineBreakOf(text: string): string {
  return text.includes('\r\n') ? '\r\n' : '\n'
}

// The lines of the block: its key, and what is indented below it.
function blockPlaces({ text, roots }: Sealable): Place[] | undefined {
  const places = roots.map((root) => {
    const start = sopsEntry(root)?.[0].place?.start
    if (start === undefined || root.isFlow || (start > 0 && text[start - 1] !== '\n')) return undefined
    return { start, end: blockEnd(text, start) }
  })
  return places.every((place) => place !== undefined) ? places : undefined
}

function blockEnd(text: string, start: number): number {
  const lines = /[^\n]*(?:\n|$)/y
  lines.lastIndex = start
  lines.test(text)
  let end = lines.lastIndex
  while (end < text.length) {
    const line = lines.exec(text)![0]
    if (/^[^ \t\r\n]/.test(line) || line === '') break
    if (line.trim() !== '') end = lines.lastIndex
  }
  return end
}

function sopsEntry({ content }: YamlNode): [key: YamlNode, value: YamlNode] | undefined {
  const at = content.findIndex(
    ({ value, kind }, index) => index % 2 === 0 && kind === 'scalar' && value === 'sops',
  )
  return at < 0 ? undefined : [content[at]!, content[at + 1]!]
}

// Without a line break behind the block, the one before it goes too.
function removed(text: string, { start, end }: Place): Edit {
  const isOpen = end === text.length && !text.endsWith('\n')
  return { start: isOpen ? text.slice(0, start).replace(/\r?\n$/, '').length : start, end, text: '' }
}

// Behind the last line of each document that is not empty; without a line break where the text ends without one.
function added({ text, roots }: Sealable, block: string): Edit[] | undefined {
  const ends = documentEnds(text)
  if (ends.length !== roots.length) return undefined
  return ends.map((end, index) => {
    const at = Math.max(text.slice(0, end).trimEnd().length, lastEnd(roots[index]!))
    const rest = /^[ \t]*\r?\n/.exec(text.slice(at, end))?.[0]
    if (rest !== undefined) return { start: at + rest.length, end: at + rest.length, text: block }
    return { start: end, end, text: lineBreakOf(text) + block.replace(/\r?\n$/, '') }
  })
}

// A block scalar that keeps empty lines ends behind them.
function lastEnd({ place, content }: YamlNode): number {
  return content.reduce((end, node) => Math.max(end, lastEnd(node)), place?.end ?? 0)
}

// A line --- starts a document, and ends the one before it; so does a line ... before it.
function documentEnds(text: string): number[] {
  const ends: number[] = []
  let isOpen = false
  for (const { 0: line, index } of text.matchAll(/^.*(?:\n|$)/gm)) {
    const isMark = /^(---|\.\.\.)(\s|$)/.test(line)
    if (isMark && isOpen) ends.push(index)
    if (isMark) isOpen = line.startsWith('---')
    else if (!/^\s*(#|$)|^%/.test(line)) isOpen = true
  }
  if (isOpen) ends.push(text.length)
  return ends
}

// Only the time and the MAC are written in place: they change with every edit.
function fieldEdits({ text, roots, metadata }: Sealable, after: Metadata): Edit[] | undefined {
  const old = new Map(flatten(encodeMetadata(metadata!)))
  const fields = flatten(encodeMetadata(after))
  if (fields.length !== old.size || !fields.every(([key]) => old.has(key))) return undefined
  const changed = fields.filter(([key, value]) => old.get(key) !== value)
  const edits = roots.flatMap((root) =>
    changed.map(([key, value]) => {
      const place = fieldPlace(root, key)
      return place && { ...place, text: fieldText(value, text[place.start]!) }
    }),
  )
  return edits.every((edit) => edit !== undefined) ? edits : undefined
}

function fieldPlace(root: YamlNode, name: string): Place | undefined {
  const content = sopsEntry(root)?.[1].content ?? []
  const at = content.findIndex(({ value }, index) => index % 2 === 0 && value === name)
  return at < 0 ? undefined : content[at + 1]!.place
}

function fieldText(value: string, quote: string): string {
  if (quote === "'" && /^[^'\n]*$/.test(value)) return `'${value}'`
  const { style, text } = styleOf(value)
  return style === 'plain' && quote !== '"' ? text : doubleQuoted(text)
}
