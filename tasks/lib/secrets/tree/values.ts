import { goTime } from '../metadata/time.ts'
import { type Scalar, Timestamp } from './tree.ts'

/** The `type:` of an encrypted value. */
export type ValueType = 'str' | 'int' | 'float' | 'bool' | 'bytes' | 'time' | 'comment'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The bytes of a value that are encrypted and that its MAC covers, as Go prints it. Source: sops aes/cipher.go. */
export function valueBytes(value: Exclude<Scalar, null>): Uint8Array {
  return typeof value === 'object' && !(value instanceof Timestamp) ? value : Buffer.from(valueText(value))
}

function valueText(value: Exclude<Scalar, null | Uint8Array>): string {
  if (typeof value === 'boolean') return value ? 'True' : 'False'
  if (typeof value === 'number') return floatText(value)
  return value instanceof Timestamp ? value.text : String(value)
}

export function valueType(value: Exclude<Scalar, null>): ValueType {
  if (typeof value === 'bigint') return 'int'
  if (typeof value === 'number') return 'float'
  if (typeof value === 'boolean') return 'bool'
  return value instanceof Timestamp ? 'time' : 'str'
}

/** The value that decrypted bytes of a type stand for. Throws a plain Error where they are none. */
export function parseValue(type: ValueType, bytes: Uint8Array): Exclude<Scalar, null> {
  if (type === 'bytes') return bytes
  if (type === 'str' || type === 'comment') return textOrBytes(bytes)
  const text = Buffer.from(bytes).toString('latin1')
  if (type === 'time') return timestamp(text)
  if (type === 'int') return wholeNumber(text)
  return type === 'float' ? parseFloatText(text) : parseBool(text)
}

/** UTF-8 as a string, anything else as it is. */
export function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  try {
    return utf8.decode(bytes)
  } catch {
    return bytes
  }
}

/** A float as Go's FormatFloat(f, 'f', -1, 64): shortest digits, never an exponent. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [, sign, whole, fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(
    String(value),
  )!
  const digits = whole + fraction
  const point = whole!.length + Number(exponent)
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  const left = digits.slice(0, point).padEnd(point, '0')
  const right = digits.slice(point)
  return sign + (left.replace(/^0+(?=\d)/, '') || '0') + (right && `.${right}`)
}

// Whoever has a public key can encrypt whatever they like for it: what comes out is not trusted to fit its type.
function timestamp(text: string): Timestamp {
  if (goTime(text) === undefined || text.includes(',')) throw new Error('the value is not a time')
  return new Timestamp(text)
}

const int64 = 1n << 63n

function wholeNumber(text: string): bigint {
  const [, digits] = /^([-+]?0*\d{1,19})$/.exec(text) ?? []
  const value = digits === undefined ? int64 : BigInt(digits.replace(/^\+/, ''))
  if (value >= -int64 && value < int64) return value
  throw new Error('the value is not a whole number of 64 bits')
}

const specialFloats = new Map([
  ['nan', Number.NaN],
  ['inf', Infinity],
  ['+inf', Infinity],
  ['-inf', -Infinity],
])

function parseFloatText(text: string): number {
  const known = specialFloats.get(text.toLowerCase())
  if (known !== undefined) return known
  const value = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(text) ? Number(text) : Infinity
  if (Number.isFinite(value)) return value
  throw new Error('the value is not a number')
}

function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw new Error('the value is neither true nor false')
}
