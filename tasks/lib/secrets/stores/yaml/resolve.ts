import { type Scalar, Timestamp } from '../../tree/tree.ts'
import { textOrBytes } from '../../tree/values.ts'
import { timestampText } from './resolve-time.ts'

const words = new Map<string, Scalar>([
  ...['', '~', 'null', 'Null', 'NULL'].map((word) => [word, null] as const),
  ...['true', 'True', 'TRUE'].map((word) => [word, true] as const),
  ...['false', 'False', 'FALSE'].map((word) => [word, false] as const),
  ...['.nan', '.NaN', '.NAN'].map((word) => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map((word) => [word, Infinity] as const),
  ...['-.inf', '-.Inf', '-.INF'].map((word) => [word, -Infinity] as const),
])
const mayBeNumber = /^[-+.\d]/
const integer = /^([-+]?)(?:0x([0-9a-f]+)|0b([01]+)|0o?([0-7]+)|(0|[1-9]\d*))$/i
const signedDigits = /^0(?:b([-+][01]+)|o([-+][0-7]+))$/
const float = /^[-+]?(\.\d+|\d+(\.\d*)?)(e[-+]?\d+)?$/i
const dottedFloat = /^\.\d+(_\d+)*(e[-+]?\d+(_\d+)*)?$/i
const maxInt64 = 2n ** 63n - 1n
const minInt64 = -(2n ** 63n)
const maxUint64 = 2n ** 64n - 1n

/** Why a scalar has no value that sops knows. */
export class ScalarError extends Error {
  readonly code: 'readInput' | 'encryptTree'

  constructor(message: string, code: 'readInput' | 'encryptTree' = 'readInput') {
    super(message)
    this.code = code
  }
}

/** The value of a scalar as go-yaml resolves it: its tag, else, where it has no quotes, its look. Throws a ScalarError. */
export function resolveScalar(text: string, { tag, isPlain }: { tag: string; isPlain: boolean }): Scalar {
  if (tag === '') return isPlain ? checkSize(resolvePlain(text)) : text
  switch (tag) {
    case '!!binary':
      return binary(text)
    case '!!null':
    case '!!bool':
    case '!!int':
    case '!!float':
    case '!!timestamp':
      return checkSize(resolveTagged(text, tag))
    default:
      return text
  }
}

function resolvePlain(text: string, { noTime = false } = {}): Scalar {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!mayBeNumber.test(text)) return text
  if (text.startsWith('.')) return dottedFloat.test(text) ? finite(text) : text
  const time = noTime ? undefined : timestampText(text)
  if (time !== undefined) return new Timestamp(time)
  const plain = text.replaceAll('_', '')
  return resolveInteger(plain) ?? (float.test(plain) ? finite(plain, text) : text)
}

function resolveTagged(text: string, tag: string): Scalar {
  const value = resolvePlain(text, { noTime: tag !== '!!timestamp' })
  const found = value === null ? '!!null' : tagOf(value)
  if (found === tag) return value
  if (tag === '!!float' && typeof value === 'bigint' && value <= maxInt64) return Number(value)
  throw new ScalarError(`the value is no ${tag}`)
}

function tagOf(value: NonNullable<Scalar>): string {
  if (typeof value === 'bigint') return '!!int'
  if (typeof value === 'number') return '!!float'
  if (typeof value === 'boolean') return '!!bool'
  return value instanceof Timestamp ? '!!timestamp' : '!!str'
}

// A number that is too large for uint64 is a float where decimal; go-yaml tries signs behind 0b and 0o, too.
function resolveInteger(text: string): bigint | undefined {
  const [, sign, hex, binaryDigits, octal, decimal] = integer.exec(text) ?? []
  if (sign === undefined) return resolveSignedDigits(text)
  const prefixed =
    hex !== undefined ? `0x${hex}` : binaryDigits !== undefined ? `0b${binaryDigits}` : undefined
  const size = BigInt(prefixed ?? (octal !== undefined ? `0o${octal}` : decimal!))
  const value = sign === '-' ? -size : size
  const limit = sign === '' ? maxUint64 : maxInt64
  return value >= minInt64 && value <= limit ? value : undefined
}

function resolveSignedDigits(text: string): bigint | undefined {
  const [, binaryDigits, octal] = signedDigits.exec(text) ?? []
  const digits = binaryDigits ?? octal
  if (digits === undefined) return undefined
  const size = BigInt((binaryDigits !== undefined ? '0b' : '0o') + digits.slice(1))
  const value = digits.startsWith('-') ? -size : size
  return value >= minInt64 && value <= maxInt64 ? value : undefined
}

// Go has no float for what is too large: it stays a text.
function finite(digits: string, text = digits): number | string {
  const value = Number(digits.replaceAll('_', ''))
  return Number.isFinite(value) ? value : text
}

function checkSize(value: Scalar): Scalar {
  if (typeof value !== 'bigint' || value <= maxInt64) return value
  throw new ScalarError('the whole number does not fit into 64 bits: quote it', 'encryptTree')
}

function binary(text: string): string | Uint8Array {
  const digits = text.replaceAll(/[\r\n]/g, '')
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) {
    throw new ScalarError('the value is !!binary and not base64')
  }
  return textOrBytes(Buffer.from(digits, 'base64'))
}
