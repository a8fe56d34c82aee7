import { lineEnd } from '../../edit/text-edits.ts'
import { readDotenv } from '../../stores/flat/dotenv-lines.ts'
import { type Key, readIni, type Section } from '../../stores/flat/ini-read.ts'
import type { Entry, MapNode } from '../../tree/tree.ts'
import type { Block, Outliner, Piece } from './outline.ts'

const encrypted = { file: '', encrypted: true }
const lines = { separator: '', column: 0 } as const

/** Cuts up dotenv: an empty line belongs to what follows it. */
export const outlineDotenv: Outliner = ({ document: { text }, clear }) => {
  let [at, start] = [0, 0]
  const pieces = readDotenv(text, encrypted).map(({ key, whole }): Piece => {
    const item = key?.startsWith('sops_') ? undefined : clear[0]!.items[at++]
    const piece = { start, end: whole.end, item }
    start = whole.end
    return piece
  })
  return { text, roots: [{ start: 0, end: text.length, pieces, ...lines }] }
}

/** Cuts up INI: comments belong to their key or section, empty lines to the section above them. */
export const outlineIni: Outliner = ({ document: { text }, clear }) => {
  const { sections, losesText } = readIni(text, encrypted)
  if (losesText) return undefined
  const pieces = sections.flatMap((section, index): Piece[] => {
    const { name, start } = section
    const end = sections[index + 1]?.start ?? text.length
    if (name === 'sops') return [{ start, end }]
    const found = clear[0]!.items.findIndex((item) => item.type === 'entry' && item.key === name)
    if (found < 0) return []
    const item = clear[0]!.items[found] as Entry
    const inner = sectionBlock(text, section, item.value as MapNode)
    return [...commentsAbove(clear[0]!, { index: found, at: start }), { start, end, item, inner }]
  })
  return { text, roots: [{ start: pieces[0]?.start ?? 0, end: text.length, pieces, ...lines }] }
}

function sectionBlock(text: string, { keys }: Section, { items }: MapNode): Block | undefined {
  const all = [...keys.values()]
  const entries = items.filter((item) => item.type === 'entry')
  const first = all[0]
  if (!first || entries.length !== all.length || all.some(({ place }) => !place)) return undefined
  const startOf = ({ place, comment }: Key) =>
    text.lastIndexOf('\n', Math.min(place!.start, comment?.place?.start ?? place!.start) - 1) + 1
  let start = startOf(first)
  const block: Block = { start, end: start, pieces: [], ...lines }
  for (const [index, { place }] of all.entries()) {
    const end = lineEnd(text, place!.end)
    const item = entries[index]!
    const above = commentsAbove({ type: 'map', items }, { index: items.indexOf(item), at: start })
    block.pieces.push(...above, { start, end, item })
    start = end
  }
  return { ...block, end: start }
}

// Pieces without text: they come and go with what they stand above.
function commentsAbove({ items }: MapNode, { index, at }: { index: number; at: number }): Piece[] {
  const above = items[index - 1]
  return above?.type === 'comment' ? [{ start: at, end: at, item: above }] : []
}
