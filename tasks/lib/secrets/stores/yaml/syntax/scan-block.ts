import { type Cursor, isBlank, isBreak, isLineEnd } from './cursor.ts'
import type { Token } from './token.ts'

const lineRun = /[^\r\n\u0085\u2028\u2029]+/y

/** A scalar behind | or >. `parentIndent`: of the block it stands in, -1 at the top. */
export function scanBlock(
  cursor: Cursor,
  { parentIndent, lineComment }: { parentIndent: number; lineComment(): void },
): Token {
  const start = cursor.mark()
  const style = cursor.peek() === '|' ? 'literal' : 'folded'
  const { chomping, increment } = takeHeader(cursor)
  cursor.skipBlanks()
  if (cursor.peek() === '#') lineComment()
  if (!isLineEnd(cursor.peek())) cursor.fail(`only a comment may follow ${style === 'literal' ? '|' : '>'}`)
  const headerEnd = cursor.index
  cursor.takeBreak()
  const indent = increment === 0 ? 0 : Math.max(parentIndent, 0) + increment
  const { value, end } = takeLines(cursor, { indent, parentIndent, chomping, folded: style === 'folded' })
  return { type: 'scalar', start, end: end ?? headerEnd, value, style }
}

type Chomping = '+' | '-' | ''

// Chomping and an indentation indicator, in either order.
function takeHeader(cursor: Cursor): { chomping: Chomping; increment: number } {
  cursor.skip()
  let chomping: Chomping = ''
  let increment = 0
  for (let turn = 0; turn < 2; turn++) {
    const character = cursor.peek()
    if (chomping === '' && (character === '+' || character === '-')) chomping = character
    else if (increment === 0 && /^[0-9]$/.test(character)) increment = Number(character)
    else break
    if (character === '0') cursor.fail('the indentation indicator of a block scalar is 1 to 9')
    cursor.skip()
  }
  return { chomping, increment }
}

function takeLines(
  cursor: Cursor,
  options: { indent: number; parentIndent: number; chomping: Chomping; folded: boolean },
): { value: string; end?: number } {
  const { chomping, folded } = options
  let value = ''
  let end: number | undefined
  let lastBreak = ''
  let wasBlank = false
  let { indent, breaks } = takeEmptyLines(cursor, options)
  while (cursor.column === indent && cursor.peek() !== '') {
    const startsBlank = isBlank(cursor.peek())
    const folds = folded && !wasBlank && !startsBlank && lastBreak === '\n'
    value += folds ? (breaks === '' ? ' ' : breaks) : lastBreak + breaks
    wasBlank = startsBlank
    value += cursor.take(lineRun)
    end = cursor.index
    lastBreak = cursor.takeBreak()
    const before = cursor.index
    breaks = takeEmptyLines(cursor, { ...options, indent }).breaks
    if (chomping === '+' && breaks !== '')
      end = lastLineEnd(cursor.text, { from: before, lines: breaks.length })
  }
  if (chomping !== '-') value += lastBreak
  return { value: chomping === '+' ? value + breaks : value, end }
}

// Where the last of some empty lines ends: its line break is not part of it.
function lastLineEnd(text: string, { from, lines }: { from: number; lines: number }): number {
  let at = from
  for (let left = lines; ; at++) {
    if (!isBreak(text.charAt(at))) continue
    if (--left === 0) return at
    if (text.startsWith('\r\n', at)) at++
  }
}

/** Skips lines without text and the indentation of the next; an indent of 0 is found out from them. */
function takeEmptyLines(
  cursor: Cursor,
  { indent, parentIndent }: { indent: number; parentIndent: number },
): { indent: number; breaks: string } {
  let breaks = ''
  let widest = 0
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.peek() === ' ') cursor.skip()
    widest = Math.max(widest, cursor.column)
    if ((indent === 0 || cursor.column < indent) && cursor.peek() === '\t') {
      cursor.fail('a tab stands where a block scalar must be indented by spaces')
    }
    if (!isBreak(cursor.peek())) break
    breaks += cursor.takeBreak()
  }
  return { indent: indent || Math.max(widest, parentIndent + 1, 1), breaks }
}
