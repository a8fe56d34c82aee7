import { type Cursor, isBreak } from './cursor.ts'
import { scanComments } from './scan-comments.ts'
import type { SimpleKeys } from './simple-keys.ts'
import type { TokenQueue } from './token-queue.ts'

/** Goes on to the next token: over spaces, empty lines and comments, which are kept. */
export function skipGap(
  cursor: Cursor,
  { queue, keys, indent }: { queue: TokenQueue; keys: SimpleKeys; indent: number },
): void {
  const from = cursor.mark()
  const isFlow = keys.flowLevel > 0
  for (;;) {
    while (cursor.peek() === ' ' || (cursor.peek() === '\t' && (isFlow || !keys.allowed))) cursor.skip()
    raiseLineComment(cursor, queue)
    if (cursor.peek() === '#') {
      const last = queue.last()!
      const previous = last.type === 'flow-entry' ? queue.last(1)! : last
      queue.addComments(scanComments(cursor, { previous, indent, isFlow, from }))
    }
    if (!isBreak(cursor.peek())) return
    cursor.takeBreak()
    if (!isFlow) keys.allowed = true
  }
}

// "- # text" above the first entry of a list is a head comment of that entry.
function raiseLineComment(cursor: Cursor, queue: TokenQueue): void {
  const comment = queue.lastComment
  if (comment?.kind !== 'line' || isBreak(cursor.peek())) return
  if (queue.last(1)?.type !== 'block-sequence-start' || queue.last()?.type !== 'block-entry') return
  comment.kind = 'head'
  if (comment.start.line === cursor.line - 1) comment.owner = cursor.index
}
