import { type Cursor, isBlank, isBreak, isLineEnd, type Mark } from './cursor.ts'
import type { CommentLine, ScannedComment, Token } from './token.ts'

const lineRun = /[^\r\n\u0085\u2028\u2029]+/y
// Further blank space than this between two comments and go-yaml looks at them apart.
const window = 512

/** A comment behind a token on the same line. `owner`: where the token that it is about starts. */
export function scanLineComment(cursor: Cursor, { owner }: { owner: number }): ScannedComment | undefined {
  if (cursor.newlines > 0) return undefined
  let ahead = 0
  while (ahead < window && isBlank(cursor.peek(ahead))) ahead++
  if (ahead === window || cursor.peek(ahead) !== '#') return undefined
  cursor.skip(ahead)
  const start = cursor.mark()
  const lines = [takeLine(cursor)]
  return { kind: 'line', lines, owner, start, end: 0, scanned: 0 }
}

function takeLine(cursor: Cursor): CommentLine {
  const start = cursor.index
  return { text: cursor.take(lineRun), start }
}

/** Where a search for comments stands: what came before, and how deep the block is indented. */
export interface CommentSearch {
  previous: Token
  indent: number
  isFlow: boolean
  from: Mark
}

/**
 * The comments from here to the next token, told apart into those about what came before (foot) and about what follows
 * (head), as go-yaml tells them apart: by indentation and empty lines. Line breaks of two characters count twice there.
 */
export function scanComments(cursor: Cursor, search: CommentSearch): ScannedComment[] {
  return new CommentBlock(cursor, search).scan()
}

class CommentBlock {
  private readonly cursor: Cursor
  private readonly search: CommentSearch
  private readonly indent: number
  private readonly footLine: number
  private readonly found: ScannedComment[] = []
  private owner: number
  private scanned: number
  private lines: CommentLine[] = []
  private start: Mark = { index: 0, line: 0, column: 0 }

  constructor(cursor: Cursor, search: CommentSearch) {
    this.cursor = cursor
    this.search = search
    this.indent = Math.max(search.indent, 0)
    this.footLine = footLine(cursor, search.from)
    this.owner = search.previous.start.index
    this.scanned = search.from.index
  }

  scan(): ScannedComment[] {
    const { cursor } = this
    let { line, column } = cursor
    let isFirstGap = cursor.newlines <= 1
    let wasEmpty = false
    let ahead = 0
    for (; ahead < window; ahead++) {
      const character = cursor.peek(ahead)
      column++
      if (isBlank(character)) continue
      const closes = this.search.isFlow && (character === ']' || character === '}')
      if (closes || isLineEnd(character)) {
        if (closes || !wasEmpty) this.endOfLine({ ahead, closes, isFirstGap, atEnd: character === '' })
        if (!isBreak(character)) break
        isFirstGap = false
        wasEmpty = true
        column = 0
        line++
        continue
      }
      // A comment that stands elsewhere than the one above it is about something else.
      if (column - 1 < this.indent && column !== this.start.column) this.endFoot(ahead)
      if (character !== '#') break
      this.takeComment({ ahead, line, column })
      wasEmpty = false
      ahead = column = 0
      line = cursor.line
    }
    if (this.lines.length > 0) this.push('head', { owner: this.start.index, end: cursor.index + ahead - 1 })
    return this.found
  }

  private endOfLine(at: { ahead: number; closes: boolean; isFirstGap: boolean; atEnd: boolean }): void {
    const isDedented = this.start.column - 1 < this.indent
    const isBelow = this.start.line === this.footLine && this.search.previous.type !== 'value'
    if (at.closes || (at.isFirstGap && (isBelow || isDedented))) {
      if (isDedented && this.lines.length > 0) this.owner = this.start.index
      this.endFoot(at.ahead)
    } else if (this.lines.length > 0 && !at.atEnd) this.lines.push({ text: '', start: -1 })
  }

  private endFoot(ahead: number): void {
    if (this.lines.length === 0) return
    const end = this.cursor.index + ahead
    this.push('foot', { owner: this.owner, end })
    this.scanned = this.owner = end
    this.lines = []
  }

  private push(kind: 'head' | 'foot', { owner, end }: { owner: number; end: number }): void {
    const { lines, start, scanned } = this
    this.found.push({ kind, lines, owner, start, end, scanned })
  }

  private takeComment({ ahead, line, column }: { ahead: number; line: number; column: number }): void {
    const { cursor } = this
    const index = cursor.index + ahead
    if (this.lines.length === 0) this.start = { index, line, column }
    while (cursor.index < index) isBreak(cursor.peek()) ? cursor.takeBreak() : cursor.skip()
    this.lines.push(takeLine(cursor))
  }
}

// A comment that starts on this line is still about what came before it; -1: none is.
function footLine(cursor: Cursor, from: Mark): number {
  if (from.line === 0) return -1
  const below = cursor.line - cursor.newlines + 1
  return cursor.newlines === 0 && cursor.column > 1 ? below + 1 : below
}
