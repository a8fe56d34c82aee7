import type { Place } from '../../tree/tree.ts'
import { type Lines, trimmed } from './lines.ts'

/** A value and where it stands, quotes included; with the comment behind it on the line. */
export interface IniValue {
  value: string
  place: Place
  remark?: Place
  /** There is text behind the closing quote that belongs to nothing. */
  losesText?: boolean
}

/**
 * Reads the value behind a delimiter; `rest` is what follows on the line, and further lines are taken where a quote is
 * open or a backslash stands at the end. undefined where a quote is not closed.
 */
export function readValue(lines: Lines, rest: Place): IniValue | undefined {
  const { text } = lines
  const content = trimmed(text, rest)
  if (content.start === content.end) return emptyValue(text, rest)
  const quote = quoteOf(text.slice(content.start, rest.end))
  if (quote !== '') return quotedValue(lines, { ...content, quote })
  if (text[content.end - 1] === '\\') return continuedValue(lines, content)
  return plainValue(text, content)
}

function quoteOf(line: string): string {
  if (line.startsWith('"""') && line.length > 3) return '"""'
  return line[0] === '`' ? '`' : ''
}

// A new value would stand behind the space that follows the delimiter.
function emptyValue(text: string, { start }: Place): IniValue {
  const at = text[start] === ' ' ? start + 1 : start
  return { value: '', place: { start: at, end: at } }
}

// The last quote of the line ends the value; what follows is not looked at, on the first line not even for a comment.
function quotedValue(lines: Lines, { start, end, quote }: Place & { quote: string }): IniValue | undefined {
  const { text } = lines
  const from = start + quote.length
  const close = text.slice(from, end).lastIndexOf(quote)
  if (close !== -1) {
    const losesText = from + close + quote.length < end
    return { value: text.slice(from, from + close), place: { start, end }, losesText }
  }
  for (let line = lines.next(); line; line = lines.next()) {
    const at = text.slice(line.start, line.end).lastIndexOf(quote)
    if (at === -1) continue
    const behind = trimmed(text, { start: line.start + at + quote.length, end: line.end })
    if (text.slice(behind.start, behind.end).endsWith('\\')) continue
    const remark = remarkIn(text, behind)
    const losesText = behind.start < (remark?.start ?? behind.end)
    const place = { start, end: trimmed(text, { start, end: remark?.start ?? behind.end }).end }
    return { value: text.slice(from, line.start + at), place, remark, losesText }
  }
  return undefined
}

function continuedValue(lines: Lines, { start, end }: Place): IniValue {
  const { text } = lines
  let value = text.slice(start, end - 1)
  let last = end
  for (let line = lines.next(); line; line = lines.next()) {
    const next = trimmed(text, line)
    if (next.start === next.end) break
    value += text.slice(next.start, next.end)
    last = next.end
    if (!value.endsWith('\\')) break
    value = value.slice(0, -1)
  }
  return { value, place: { start, end: last } }
}

function plainValue(text: string, content: Place): IniValue {
  const remark = remarkIn(text, content)
  const place = trimmed(text, { start: content.start, end: remark?.start ?? content.end })
  return { value: unquoted(text.slice(place.start, place.end)), place, remark }
}

// Quotes count where no other of their kind is within.
function unquoted(text: string): string {
  const [quote] = text
  const isQuoted = (quote === '"' || quote === "'") && text.indexOf(quote, 1) === text.length - 1
  return isQuoted && text.length > 1 ? text.slice(1, -1) : text
}

function remarkIn(text: string, { start, end }: Place): Place | undefined {
  const found = /[#;]/.exec(text.slice(start, end))
  return found ? { start: start + found.index, end } : undefined
}
