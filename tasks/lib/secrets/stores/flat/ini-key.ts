import { trim } from './lines.ts'

/** The name of the key that starts a line, and the length of all before its value; a text: what is wrong. */
export function readKeyName(line: string): { name: string; length: number } | string {
  const quote = quoteOf(line)
  const close = quote === '' ? 0 : line.indexOf(quote, quote.length)
  if (close === -1) return 'expected the closing quote of a key'
  const delimiter = indexOfDelimiter(line, close === 0 ? 0 : close + quote.length)
  if (delimiter === -1) return 'expected KEY = VALUE'
  const name = trim(line.slice(quote.length, close === 0 ? delimiter : close))
  return name === '' ? 'expected a key before the =' : { name, length: delimiter + 1 }
}

function quoteOf(line: string): string {
  if (line.startsWith('"""') && line.length > 6) return '"""'
  return line[0] === '"' || line[0] === '`' ? line[0] : ''
}

function indexOfDelimiter(line: string, from: number): number {
  const found = /[=:]/.exec(line.slice(from))
  return found ? from + found.index : -1
}
