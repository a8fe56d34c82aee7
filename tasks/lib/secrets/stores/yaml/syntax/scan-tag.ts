import { type Cursor, isGap, isLineEnd } from './cursor.ts'
import type { Token } from './token.ts'

const word = /[0-9A-Za-z_-]+/y
const uri = /(?:[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]-]|%[0-9A-Fa-f]{2})+/y
const handle = /!(?:[0-9A-Za-z_-]*!)?/y

/** An anchor (&name) or an alias (*name). */
export function scanAnchor(cursor: Cursor): Token {
  const start = cursor.mark()
  const type = cursor.peek() === '&' ? 'anchor' : 'alias'
  cursor.skip()
  const value = cursor.take(word)
  const next = cursor.peek()
  if (value === '' || (!isGap(next) && !'?:,]}%@`'.includes(next))) {
    cursor.fail(`an ${type} is named by letters, digits, - and _`)
  }
  return { type, start, end: cursor.index, value }
}

/** A tag: `value` is its handle, empty for !<verbatim> ones and for a lone "!". */
export function scanTag(cursor: Cursor): Token {
  const start = cursor.mark()
  const isVerbatim = cursor.peek(1) === '<'
  const { value, suffix } = isVerbatim ? takeVerbatim(cursor) : takeShorthand(cursor)
  if (!isGap(cursor.peek())) cursor.fail('a tag must be followed by a space or a line break')
  return { type: 'tag', start, end: cursor.index, value, suffix }
}

function takeVerbatim(cursor: Cursor): { value: string; suffix: string } {
  cursor.skip(2)
  const suffix = takeUri(cursor)
  if (suffix === '' || cursor.peek() !== '>') cursor.fail('a tag that starts with !< must end with >')
  cursor.skip()
  return { value: '', suffix }
}

function takeShorthand(cursor: Cursor): { value: string; suffix: string } {
  const value = cursor.take(handle)
  const suffix = takeUri(cursor)
  if (value.length > 1 && suffix === '') cursor.fail('a tag has no name: quote a text that starts with !')
  return suffix === '' ? { value: '', suffix: value } : { value, suffix }
}

function takeUri(cursor: Cursor): string {
  const text = cursor.take(uri)
  try {
    return decodeURIComponent(text)
  } catch {
    cursor.fail('the escapes of a tag are not UTF-8')
  }
}

/** A directive: %YAML 1.1 or %TAG !handle! prefix. */
export function scanDirective(cursor: Cursor): Token {
  const start = cursor.mark()
  cursor.skip()
  const name = cursor.take(word)
  cursor.skipBlanks()
  const token = name === 'YAML' ? takeVersion(cursor) : name === 'TAG' ? takeTagDirective(cursor) : undefined
  if (!token) cursor.fail('a line that starts with % must be %YAML or %TAG: quote the text')
  cursor.skipBlanks()
  if (cursor.peek() === '#') cursor.take(/[^\r\n\u0085\u2028\u2029]+/y)
  if (!isLineEnd(cursor.peek())) cursor.fail(`%${name} is followed by more than it takes`)
  const end = cursor.index
  cursor.takeBreak()
  return { ...token, start, end }
}

function takeVersion(cursor: Cursor): Pick<Token, 'type'> {
  if (cursor.take(/\d\d?\.\d\d?(?!\d)/y) !== '1.1')
    cursor.fail('sops reads %YAML 1.1 only: take the line away')
  return { type: 'version-directive' }
}

function takeTagDirective(cursor: Cursor): Pick<Token, 'type' | 'value' | 'suffix'> {
  const value = cursor.take(handle)
  if (value === '' || !isGap(cursor.peek())) cursor.fail('%TAG takes a handle such as !name! and a prefix')
  cursor.skipBlanks()
  const suffix = takeUri(cursor)
  if (suffix === '') cursor.fail('%TAG takes a handle such as !name! and a prefix')
  return { type: 'tag-directive', value, suffix }
}
