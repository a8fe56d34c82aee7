import { lineBreak } from '../../edit/text-edits.ts'
import type { Comment, Entry, MapNode, Node } from '../../tree/tree.ts'
import { hasShapeOf } from '../same.ts'
import type { Deciding } from '../three-ways.ts'
import { type Block, heldBy, type Outline, type Piece, type Places, placesIn } from './outline.ts'

export type Origins = Deciding['origins']

/** A side as text and as a clear tree. */
export interface LaidOut {
  outline: Outline
  clear: MapNode[]
}

/**
 * The text of ours with what theirs changed, added and removed, each piece as it stands on its side, and the sops block
 * of ours. undefined where a piece is missing. What it says has to be checked, and values and block to be written anew.
 */
export function mergedText(
  clear: MapNode[],
  { ours, theirs, origins }: { ours: LaidOut; theirs: LaidOut; origins: Origins },
): string | undefined {
  const places = placesIn([
    [ours.outline, ours.clear],
    [theirs.outline, theirs.clear],
  ])
  const merging: Merging = { places, origins, ours: ours.outline }
  const documents = clear.map((branch) => documentText(branch, merging))
  const separator = separatorOf(ours.outline) ?? separatorOf(theirs.outline)
  if (!documents.every((text) => text !== undefined) || (documents.length > 1 && !separator)) return undefined
  const { text, roots } = ours.outline
  const own = documents.map((one, at) => (at < documents.length - 1 ? withLineEnd(one, text) : one))
  return text.slice(0, roots[0]!.start) + own.join(separator) + text.slice(roots.at(-1)!.end)
}

interface Merging {
  places: Places
  origins: Origins
  ours: Outline
}

/** A piece of the merged text; `piece` where it comes from this side. */
interface Part {
  piece?: Piece
  text: string
}

function separatorOf({ text, roots: [first, second] }: Outline): string | undefined {
  return first && second && text.slice(first.end, second.start)
}

// Every document has the same sops block.
function documentText(branch: MapNode, merging: Merging): string | undefined {
  const { places, origins, ours } = merging
  const found = places.roots.get(branch) ?? places.roots.get(origins.get(branch)?.ours ?? branch)
  if (!found) return undefined
  const block = found.outline === ours ? undefined : ours.roots[0]!.pieces.find(({ item }) => !item)
  const reserved = block && ours.text.slice(block.start, block.end)
  return blockText(branch, { ...found, merging, reserved })
}

interface At {
  block: Block
  outline: Outline
  merging: Merging
  /** The sops block to put in the place of its own. */
  reserved?: string
}

function blockText(node: Node, { block, outline, merging, reserved }: At): string | undefined {
  const { pieces, start, end } = block
  const items: (Comment | Entry | Node)[] = node.type === 'leaf' ? [] : node.items
  const parts = items.map((item) => partOf(item, { block, outline, merging }))
  if (!parts.every((part) => part !== undefined) || pieces.length === 0) return undefined
  const texts = withReserved(parts, pieces, (piece) => reserved ?? textOf(piece, { block, outline })).filter(
    Boolean,
  )
  if (texts.length === 0) return undefined
  const { text } = outline
  const isLines = block.separator === ''
  const joined = isLines
    ? texts.map((part, at) => (at < texts.length - 1 ? withLineEnd(part, text) : part)).join('')
    : texts.join(block.separator)
  const whole = text.slice(start, pieces[0]!.start) + joined + text.slice(pieces.at(-1)!.end, end)
  return isBehindDash(block, text) ? behindDash(whole, block) : whole
}

function partOf(item: Comment | Entry | Node, { block, outline, merging }: At): Part | undefined {
  const { places, origins } = merging
  const value = heldBy(item)
  const found = places.pieces.get(value)
  if (found?.outline === outline) return { piece: found.piece, text: textOf(found.piece, found) }
  if (found) return { text: moved(textOf(found.piece, found), { from: found.block, block, outline }) }
  const origin = value.type === 'comment' ? undefined : origins.get(value)
  const own = origin && places.pieces.get(origin.ours)
  if (!own || value.type === 'comment') return undefined
  const { piece } = own
  const { inner } = piece
  const text = inner && blockText(value, { block: inner, outline, merging })
  if (text !== undefined) {
    const whole = textOf(piece, own)
    const from = inner!.start - piece.start + whole.length - (piece.end - piece.start)
    return { piece, text: whole.slice(0, from) + text + outline.text.slice(inner!.end, piece.end) }
  }
  return hasShapeOf([value as MapNode], [origin.ours as MapNode])
    ? { piece, text: textOf(piece, own) }
    : undefined
}

// The first line behind a dash as if it had a line of its own.
function textOf({ start, end }: Piece, { block, outline }: { block: Block; outline: Outline }): string {
  const { text } = outline
  const isFirst = start === block.start && start < end && isBehindDash(block, text)
  return (isFirst ? ' '.repeat(block.column) : '') + text.slice(start, end)
}

function isBehindDash({ start, separator }: Block, text: string): boolean {
  return separator === '' && start > 0 && text[start - 1] !== '\n'
}

function behindDash(text: string, { column }: Block): string | undefined {
  const first = text.replace(/^(?:[ \t]*\r?\n)+/, '')
  return /^ *[^ #\r\n]/.test(first) ? first.slice(column) : undefined
}

// The sops block stays where it is among what else stays.
function withReserved(parts: Part[], pieces: Piece[], textOf: (piece: Piece) => string): string[] {
  const all = [...parts]
  pieces.forEach((piece, index) => {
    if (piece.item) return
    const isLast = pieces.slice(index).every(({ item }) => !item)
    const before = all.findLastIndex((part) => part.piece && pieces.slice(0, index).includes(part.piece))
    all.splice(isLast ? all.length : before + 1, 0, { piece, text: textOf(piece) })
  })
  return all.map(({ text }) => text)
}

// A piece of the other side, indented as its new neighbours are.
function moved(
  text: string,
  { from, block, outline }: { from: Block; block: Block; outline: Outline },
): string {
  const lines = text.replaceAll(/\r?\n/g, lineBreak(outline.text))
  const deeper = block.column - from.column
  if (deeper > 0) return lines.replace(/^(?=[^\r\n])/gm, ' '.repeat(deeper))
  return deeper < 0 ? lines.replace(new RegExp(`^ {1,${-deeper}}`, 'gm'), '') : lines
}

function withLineEnd(text: string, like: string): string {
  return text === '' || text.endsWith('\n') ? text : text + lineBreak(like)
}
