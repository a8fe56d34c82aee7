import { type Scalar, Timestamp } from '../../tree/tree.ts'
import { floatText } from '../../tree/values.ts'

/** A value as sops writes it into a file that has nothing but texts; bytes stay bytes. */
export function valueText(value: Scalar): string | Uint8Array {
  if (value === null) return '<nil>'
  if (typeof value === 'number') return shortFloat(value)
  if (value instanceof Timestamp) return value.text.replace(/\.\d+/, '')
  return value instanceof Uint8Array ? value : String(value)
}

/** Bytes of a value after its text was changed; what is not UTF-8 goes through byte by byte. */
export function encodeValue(value: string | Uint8Array, change: (text: string) => string): Buffer {
  return typeof value === 'string'
    ? Buffer.from(change(value))
    : Buffer.from(change(Buffer.from(value).toString('latin1')), 'latin1')
}

// As Go's FormatFloat(f, 'G', -1, 64), with ".0" behind what would look like a whole number.
function shortFloat(value: number): string {
  if (!Number.isFinite(value)) return floatText(value)
  const [digits = '', power = ''] = value.toExponential().split('e')
  const exponent = Number(power)
  if (exponent >= -4 && exponent < 6) {
    const text = floatText(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const sign = exponent < 0 ? '-' : '+'
  return `${digits}E${sign}${String(Math.abs(exponent)).padStart(2, '0')}`
}
