import { type Scalar, Timestamp } from '../../tree/tree.ts'

const loneSurrogate = /\p{Surrogate}/gu
const int64 = 1n << 63n

/** The text that a JSON string stands for, quotes included; undefined where it is none. */
export function jsonText(literal: string): string | undefined {
  if (!/[\\\x00-\x1f]/.test(literal)) return literal.slice(1, -1)
  try {
    return String(JSON.parse(literal)).replace(loneSurrogate, '\ufffd')
  } catch {
    return undefined
  }
}

/** A whole number of 64 bits as bigint, any other as a float; undefined beyond its range. */
export function jsonNumber(digits: string): bigint | number | undefined {
  if (digits.length <= 20 && /^-?\d+$/.test(digits)) {
    const whole = BigInt(digits)
    if (whole >= -int64 && whole < int64) return whole
  }
  const float = Number(digits)
  return Number.isFinite(float) ? float : undefined
}

/** A value as Go's encoding/json writes it. undefined for what JSON has not: NaN and the infinities. */
export function jsonLiteral(value: Scalar): string | undefined {
  if (typeof value === 'string') return jsonString(value)
  if (value instanceof Uint8Array) return bytesLiteral(value)
  if (value instanceof Timestamp) return jsonString(value.text)
  if (typeof value !== 'number') return String(value)
  if (!Number.isFinite(value)) return undefined
  return Object.is(value, -0) ? '-0' : String(value)
}

/** A text in quotes, with what HTML or JavaScript would stumble on escaped, as Go does by default. */
export function jsonString(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const utf8 =
  /([\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2})|[\x80-\xff]/g

// Each byte that is not part of UTF-8 becomes \ufffd, written out.
function bytesLiteral(bytes: Uint8Array): string {
  const pieces = Buffer.from(bytes)
    .toString('latin1')
    .replace(utf8, (char, valid) =>
      valid === undefined ? '\\ufffd' : inner(Buffer.from(char, 'latin1').toString()),
    )
  return `"${pieces}"`
}

function inner(text: string): string {
  return jsonString(text).slice(1, -1)
}
