const escapes = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g

// The colours that colours.ts writes.
const ours = /^\x1b\[(?:0|1|2|31|32|33|36)m$/

/** Text from elsewhere without what would move the cursor or clear the screen; keeps newlines, tabs and our colours. */
export function printable(text: string, { colours = false } = {}): string {
  return text
    .replace(escapes, (code) => (colours && ours.test(code) ? code : ''))
    .replace(/\r\n/g, '\n')
    .replace(colours ? strayExceptEscape : stray, '')
}

const stray = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g
const strayExceptEscape = /[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[\d+m)/g

/** One line cut to a width in columns, with "…" where something is missing. */
export function cut(line: string, columns: number): string {
  if (width(line) <= columns) return line
  let result = ''
  let used = 0
  for (const character of line) {
    const next = used + characterWidth(character)
    if (next > columns - 1) break
    result += character
    used = next
  }
  return columns > 0 ? `${result}…` : ''
}

/** How many columns a line takes on a terminal. */
export function width(line: string): number {
  let columns = 0
  for (const character of line) columns += characterWidth(character)
  return columns
}

function characterWidth(character: string): number {
  const code = character.codePointAt(0)!
  if (code < 0x300) return 1
  if (/\p{Mark}|\u200b|\u200d/u.test(character)) return 0
  return isWide(code) ? 2 : 1
}

// The blocks of East Asian wide characters and of emoji (Unicode's EastAsianWidth.txt, W and F).
function isWide(code: number): boolean {
  return (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  )
}
