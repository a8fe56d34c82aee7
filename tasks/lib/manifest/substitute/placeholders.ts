import { lexReferences, type Piece, type Reference } from './lex.ts'

/**
 * A text whose references are replaced by characters that are plain text to YAML wherever they stand, flow maps and
 * keys included, so that neither a name nor a value can become structure. Lines stay as they were.
 */
export interface MarkedText {
  text: string
  /** The pieces of a scalar, or undefined for one without references. */
  pieces(scalar: string): Piece[] | undefined
  /** The text as the file has it. */
  restore(text: string): string
  /** The offset in the file of an offset in the marked text. */
  offset(marked: number): number
}

/** A text as it is: nothing in it is a reference. */
export function unmarked(text: string): MarkedText {
  return { text, pieces: () => undefined, restore: (part) => part, offset: (at) => at }
}

/** Replaces the references of a text. */
export function markReferences(text: string): MarkedText {
  const references = withMarks(text, lexReferences(text))
  if (references.length === 0) return unmarked(text)
  const starts: number[] = []
  let marked = ''
  let at = 0
  for (const [index, { start, end }] of references.entries()) {
    marked += text.slice(at, start)
    starts.push(marked.length)
    marked += `${open}${index}${close}`
    at = end
  }
  return {
    text: marked + text.slice(at),
    pieces: (scalar) => (scalar.includes(open) ? split(scalar, references) : undefined),
    restore: (part) => part.replace(mark, (_, index) => references[Number(index)]!.raw),
    offset: (position) => offsetInFile(position, starts, references),
  }
}

const open = '\uE000'
const close = '\uE001'
const mark = /\uE000(\d+)\uE001/g

// The marks' own characters may stand in a file: they are literal text then, and must not be taken for marks.
function withMarks(text: string, references: Reference[]): Reference[] {
  if (!/[\uE000\uE001]/.test(text)) return references
  const literals = [...text.matchAll(/[\uE000\uE001]/g)]
    .map(({ index, 0: raw }) => literal(raw, index))
    .filter(({ start }) => !references.some((reference) => reference.start <= start && start < reference.end))
  return [...references, ...literals].sort((a, b) => a.start - b.start)
}

function literal(raw: string, start: number): Reference {
  return { start, end: start + raw.length, raw, name: '', operator: '', word: [], isEscaped: false }
}

function split(scalar: string, references: Reference[]): Piece[] {
  const pieces: Piece[] = []
  let at = 0
  for (const { index, 0: raw, 1: number } of scalar.matchAll(mark)) {
    if (index > at) pieces.push(scalar.slice(at, index))
    const reference = references[Number(number)]!
    pieces.push(reference.name === '' ? reference.raw : reference)
    at = index + raw.length
  }
  if (at < scalar.length) pieces.push(scalar.slice(at))
  return pieces
}

function offsetInFile(position: number, starts: number[], references: Reference[]): number {
  const index = lastAtOrBelow(starts, position)
  if (index < 0) return position
  const { start, end } = references[index]!
  const behind = position - starts[index]! - `${open}${index}${close}`.length
  return behind < 0 ? start : end + behind
}

/** The index of the last number that is not above the limit, or -1; the numbers are in ascending order. */
export function lastAtOrBelow(numbers: number[], limit: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (numbers[middle]! <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
