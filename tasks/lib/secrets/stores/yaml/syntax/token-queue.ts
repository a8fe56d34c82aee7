import type { Mark } from './cursor.ts'
import type { CommentLine, ScannedComment, Token } from './token.ts'

/** Tokens that were scanned and not yet parsed, and the comments among them. */
export class TokenQueue {
  /** How many tokens were parsed: the number of the first one here. */
  parsed = 0
  private tokens: Token[] = []
  private head = 0
  private comments: ScannedComment[] = []
  private commentsHead = 0

  get first(): Token | undefined {
    return this.tokens[this.head]
  }

  get size(): number {
    return this.tokens.length - this.head
  }

  /** The number that the next token will have. */
  get next(): number {
    return this.parsed + this.size
  }

  /** The last token, or one before it, parsed or not. */
  last(back = 0): Token | undefined {
    return this.tokens[this.tokens.length - 1 - back]
  }

  /** Adds a token: at the end, or as the one of a number. */
  add(token: Token, number?: number): void {
    if (number === undefined) this.tokens.push(token)
    else this.tokens.splice(this.head + number - this.parsed, 0, token)
  }

  shift(): void {
    this.head++
    this.parsed++
    if (this.head < 64) return
    this.tokens = this.tokens.slice(this.head - 2)
    this.head = 2
  }

  addComments(comments: ScannedComment[]): void {
    this.comments.push(...comments)
  }

  get lastComment(): ScannedComment | undefined {
    return this.comments.length > this.commentsHead ? this.comments.at(-1) : undefined
  }

  /** Takes the comments that belong to a token or to one before it. The end of a block leaves heads to what follows. */
  takeComments(token: Token, take: (kind: ScannedComment['kind'], lines: CommentLine[]) => void): void {
    for (; this.commentsHead < this.comments.length; this.commentsHead++) {
      const { owner, kind, lines } = this.comments[this.commentsHead]!
      if (owner > token.start.index || (kind === 'head' && token.type === 'block-end')) return
      take(kind, lines)
    }
  }

  /** Where a block of an indentation ended: at a point, or before the comments behind it that have that indentation. */
  blockEnd(indent: number, point: Mark): Mark {
    let mark = point
    let stop = point.index
    for (let at = this.comments.length - 1; at >= this.commentsHead; at--) {
      const { start, end, scanned } = this.comments[at]!
      if (end < stop) break
      if (start.column === indent + 1) mark = start
      stop = scanned
    }
    return mark
  }
}
