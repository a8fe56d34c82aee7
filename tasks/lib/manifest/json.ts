const int64Min = -(2n ** 63n)
const int64Max = 2n ** 63n - 1n

/**
 * JSON.parse that keeps whole numbers beyond 2^53 exact, as BigInt, where they fit an int64; larger ones round like
 * the API server's own floats. Texts without a run of 16 digits, nearly all, take the plain path.
 */
export function parseJson<T = unknown>(text: string): T {
  if (!/\d{16}/.test(text)) return JSON.parse(text)
  const mark = unusedCharacter(text)
  const marked = markLargeNumbers(text, mark)
  if (marked === text) return JSON.parse(text)
  return JSON.parse(marked, (_key, value) =>
    typeof value === 'string' && value.startsWith(mark) ? BigInt(value.slice(1)) : value,
  )
}

/** JSON.stringify that also prints BigInt, as the number it is. */
export function stringifyJson(value: unknown, indent = 0): string {
  try {
    return JSON.stringify(value, null, indent)
  } catch (error) {
    if (!(error instanceof TypeError) || !/BigInt/.test(error.message)) throw error
    return writeValue(value, { step: ' '.repeat(indent), margin: '' }) ?? 'null'
  }
}

/** The number a whole-number text stands for: a BigInt only where a double would lose digits and an int64 does not. */
export function wholeNumber(digits: string): number | bigint {
  const number = Number(digits)
  if (Number.isSafeInteger(number)) return number
  const exact = BigInt(digits)
  return exact >= int64Min && exact <= int64Max ? exact : number
}

/** A character that stands nowhere in the text, neither itself nor escaped, so that no string can pass for a mark. */
function unusedCharacter(text: string): string {
  const lower = text.toLowerCase()
  for (let code = 0xe000; ; code++) {
    const character = String.fromCharCode(code)
    if (!text.includes(character) && !lower.includes(`\\u${code.toString(16)}`)) return character
  }
}

function markLargeNumbers(text: string, mark: string): string {
  let result = ''
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const end = quote < 0 ? text.length : quote
    result += text
      .slice(at, end)
      .replace(/-?\d{16,}(?![\d.eE])/g, (digits) =>
        typeof wholeNumber(digits) === 'bigint' ? `"${mark}${digits}"` : digits,
      )
    at = quote < 0 ? text.length : stringEnd(text, quote)
    result += text.slice(end, at)
  }
  return result
}

/** The index behind the closing quote of the string that starts at `quote`. */
function stringEnd(text: string, quote: number): number {
  for (let at = quote + 1; ; ) {
    const close = text.indexOf('"', at)
    if (close < 0) return text.length
    let backslashes = 0
    while (text[close - 1 - backslashes] === '\\') backslashes++
    at = close + 1
    if (backslashes % 2 === 0) return at
  }
}

interface Layout {
  step: string
  margin: string
}

/** The JSON text, or undefined for what JSON.stringify leaves out. */
function writeValue(value: unknown, layout: Layout): string | undefined {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if ('toJSON' in value && typeof value.toJSON === 'function') return writeValue(value.toJSON(), layout)
  const inner = { ...layout, margin: layout.margin + layout.step }
  if (Array.isArray(value))
    return bracket(
      '[]',
      value.map((item) => writeValue(item, inner) ?? 'null'),
      layout,
    )
  const colon = layout.step ? ': ' : ':'
  const fields = Object.entries(value).flatMap(([key, item]) => {
    const text = writeValue(item, inner)
    return text === undefined ? [] : [JSON.stringify(key) + colon + text]
  })
  return bracket('{}', fields, layout)
}

function bracket(pair: string, parts: string[], { step, margin }: Layout): string {
  if (parts.length === 0) return pair
  if (!step) return pair[0] + parts.join(',') + pair[1]
  const separator = `\n${margin}${step}`
  return `${pair[0]}${separator}${parts.join(`,${separator}`)}\n${margin}${pair[1]}`
}
