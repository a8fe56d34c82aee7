import type { Mark } from './cursor.ts'
import type { TokenType } from './token.ts'
import type { TokenQueue } from './token-queue.ts'

/** The blocks that are open: how deep each is indented. They open and end by tokens that have no text. */
export class Blocks {
  /** Of the innermost one; -1 outside of all. */
  indent = -1
  private readonly outer: number[] = []
  private readonly queue: TokenQueue

  constructor(queue: TokenQueue) {
    this.queue = queue
  }

  /** Opens a block where one that is indented deeper starts; `number`: the token before which it does. */
  open(type: TokenType, { mark, number }: { mark: Mark; number?: number }): void {
    if (this.indent >= mark.column) return
    this.outer.push(this.indent)
    this.indent = mark.column
    this.queue.add({ type, start: mark, end: mark.index }, number)
  }

  /** Ends the blocks that are indented deeper than a column; `from`: where the search for what follows began. */
  close(column: number, from: Mark): void {
    let end: Mark = { ...from, index: from.index - 1 }
    for (; this.indent > column; this.indent = this.outer.pop()!) {
      end = this.queue.blockEnd(this.indent, end)
      this.queue.add({ type: 'block-end', start: end, end: end.index })
    }
  }
}
