import { type Cursor, isBlank, isBreak } from './cursor.ts'
import { Folding } from './folding.ts'
import type { Token } from './token.ts'

const blockRun = /(?:[^ \t\r\n\u0085\u2028\u2029:]|:(?![ \t\r\n\u0085\u2028\u2029]|$))+/y
const flowRun = /(?:[^ \t\r\n\u0085\u2028\u2029:,?[\]{}]|:(?![ \t\r\n\u0085\u2028\u2029]|$))+/y

/** A scalar without quotes, over several lines perhaps. `indent`: what its further lines must reach. */
export function scanPlain(
  cursor: Cursor,
  { indent, flow }: { indent: number; flow: boolean },
): Token & { endedLine: boolean } {
  const start = cursor.mark()
  const folding = new Folding()
  let end = cursor.index
  while (!cursor.atDocumentIndicator && cursor.peek() !== '#') {
    const run = cursor.take(flow ? flowRun : blockRun)
    if (run !== '') {
      folding.add(run)
      end = cursor.index
    }
    if (!isBlank(cursor.peek()) && !isBreak(cursor.peek())) break
    skipGap(cursor, { folding, indent, line: start.line })
    if (!flow && cursor.column < indent) break
  }
  return { type: 'scalar', start, end, value: folding.text, style: 'plain', endedLine: folding.isBroken }
}

function skipGap(
  cursor: Cursor,
  { folding, indent, line }: { folding: Folding; indent: number; line: number },
): void {
  for (let character = cursor.peek(); ; character = cursor.peek()) {
    if (isBlank(character)) {
      if (folding.isBroken && cursor.column < indent && character === '\t') {
        cursor.fail('a tab stands where the indentation must be of spaces', { line })
      }
      folding.addBlank(character)
      cursor.skip()
    } else if (isBreak(character)) folding.addBreak(cursor.takeBreak())
    else return
  }
}
