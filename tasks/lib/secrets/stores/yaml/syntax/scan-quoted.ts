import { type Cursor, isBlank, isBreak } from './cursor.ts'
import { Folding } from './folding.ts'
import type { Token } from './token.ts'

const singleRun = /[^ \t\r\n\u0085\u2028\u2029']+/y
const doubleRun = /[^ \t\r\n\u0085\u2028\u2029"\\]+/y
const hexadecimal = /^[0-9A-Fa-f]+$/
const escapes: Record<string, string> = {
  0: '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}
const codeLengths: Record<string, number> = { x: 2, u: 4, U: 8 }

/** A scalar in single or double quotes. */
export function scanQuoted(cursor: Cursor): Token {
  const start = cursor.mark()
  const quote = cursor.peek()
  const folding = new Folding()
  cursor.skip()
  for (;;) {
    if (cursor.atDocumentIndicator || cursor.peek() === '') {
      cursor.fail('the quotes are not closed', { line: start.line })
    }
    takeText(cursor, { quote, folding })
    if (cursor.peek() === quote) break
    skipGap(cursor, folding)
  }
  folding.join()
  cursor.skip()
  const style = quote === "'" ? 'single' : 'double'
  return { type: 'scalar', start, end: cursor.index, value: folding.text, style }
}

// Up to a gap, an escaped line break or the closing quote.
function takeText(cursor: Cursor, { quote, folding }: { quote: string; folding: Folding }): void {
  const run = quote === "'" ? singleRun : doubleRun
  for (;;) {
    const text = cursor.take(run)
    if (text !== '') folding.add(text)
    else if (quote === "'" && cursor.peek() === "'" && cursor.peek(1) === "'") {
      folding.add("'")
      cursor.skip(2)
    } else if (quote === '"' && cursor.peek() === '\\') {
      if (isBreak(cursor.peek(1))) {
        folding.join()
        cursor.skip()
        cursor.takeBreak()
        folding.addEscapedBreak()
        return
      }
      folding.add(takeEscape(cursor))
    } else return
  }
}

function takeEscape(cursor: Cursor): string {
  const character = cursor.peek(1)
  const length = codeLengths[character]
  const known = Object.hasOwn(escapes, character) ? escapes[character] : undefined
  if (known === undefined && length === undefined) {
    cursor.fail('the double quotes hold an unknown escape: write \\\\ for a backslash')
  }
  cursor.skip(2)
  return known ?? takeCode(cursor, length!)
}

function takeCode(cursor: Cursor, length: number): string {
  const digits = cursor.text.slice(cursor.index, cursor.index + length)
  if (digits.length < length || !hexadecimal.test(digits)) {
    cursor.fail(`the double quotes hold an escape without its ${length} hexadecimal digits`)
  }
  const code = Number.parseInt(digits, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    cursor.fail('the double quotes hold an escape that is no Unicode character')
  }
  cursor.skip(length)
  return String.fromCodePoint(code)
}

function skipGap(cursor: Cursor, folding: Folding): void {
  for (let character = cursor.peek(); ; character = cursor.peek()) {
    if (isBlank(character)) {
      folding.addBlank(character)
      cursor.skip()
    } else if (isBreak(character)) folding.addBreak(cursor.takeBreak())
    else return
  }
}
