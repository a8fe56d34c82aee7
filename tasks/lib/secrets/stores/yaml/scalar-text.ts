const escapes: Record<string, string> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
}
const escaped = /["\\\u2028\u2029]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/gu

/** A text in double quotes, on one line. go-yaml escapes all of a text that starts with a byte order mark. */
export function doubleQuoted(text: string): string {
  return `"${text.replace(text.startsWith('\ufeff') ? /./gsu : escaped, escapeOf)}"`
}

function escapeOf(character: string): string {
  const short = escapes[character]
  if (short !== undefined) return `\\${short}`
  const code = character.codePointAt(0)!
  const [letter, length] = code <= 0xff ? ['x', 2] : code <= 0xffff ? ['u', 4] : ['U', 8]
  return `\\${letter}${code.toString(16).toUpperCase().padStart(length, '0')}`
}

/** A text whose first line does not show how deep a literal block is indented. */
export const startsWithSpace = /^[ \n\r\x85\u2028\u2029]/

/** The start of a literal block that holds a text: `|`, the indent where the text starts with space, and what ends it. */
export function blockHeader(text: string, step: number): string {
  const indent = startsWithSpace.test(text) ? step : ''
  const isKept = /(^|[\n\r\x85\u2028\u2029])[\n\r\x85\u2028\u2029]$/.test(text)
  return `|${indent}${isKept ? '+' : /[\n\r\x85\u2028\u2029]$/.test(text) ? '' : '-'}`
}
