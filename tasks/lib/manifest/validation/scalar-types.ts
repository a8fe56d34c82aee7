import { isQuantity } from './quantities.ts'

/** The scalar types of Kubernetes' API. */
export type ScalarName = keyof typeof scalarTypes

interface Scalar {
  /** As an error says it: "expected an integer". */
  expected: string
  accepts(value: unknown): boolean
}

const scalarTypes = {
  string: { expected: 'a string', accepts: (value) => typeof value === 'string' },
  boolean: { expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  int32: { expected: 'an integer', accepts: (value) => isInteger(value, 31n) },
  int64: { expected: 'an integer', accepts: (value) => isInteger(value, 63n) },
  double: { expected: 'a number', accepts: isNumber },
  number: { expected: 'a number', accepts: isNumber },
  quantity: {
    expected: 'a quantity such as 500m or 2Gi',
    accepts: (value) => isNumber(value) || (typeof value === 'string' && isQuantity(value)),
  },
  'int-or-string': {
    expected: 'an integer or a string',
    accepts: (value) => typeof value === 'string' || isInteger(value, 31n),
  },
  time: { expected: 'a time such as 2026-01-31T12:00:00Z', accepts: isTime },
  duration: { expected: 'a duration such as 1m30s', accepts: isDuration },
  bytes: { expected: 'base64', accepts: isBase64 },
  object: { expected: 'a map', accepts: isMap },
  any: { expected: 'anything', accepts: () => true },
} satisfies Record<string, Scalar>

/** What a scalar type is called and which values it takes. */
export function scalarType(name: ScalarName): Scalar {
  return scalarTypes[name]
}

/** True for a JSON object. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** True for a whole number that fits a signed integer with this many bits beside the sign. */
export function isInteger(value: unknown, bits: bigint): boolean {
  if (typeof value !== 'bigint' && !Number.isInteger(value)) return false
  const limit = 1n << bits
  const exact = BigInt(value as number | bigint)
  return exact >= -limit && exact < limit
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint'
}

// RFC 3339, as Go's time.RFC3339 reads it.
function isTime(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}([.,]\d+)?(Z|[+-]\d{2}:\d{2})$/
  return shape.test(value) && !Number.isNaN(Date.parse(value.replace(',', '.')))
}

// Go's time.ParseDuration.
function isDuration(value: unknown): boolean {
  return typeof value === 'string' && /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(value)
}

// Go's base64.StdEncoding: padding is required, line ends are skipped.
function isBase64(value: unknown): boolean {
  if (typeof value !== 'string') return false
  const text = value.replace(/[\r\n]/g, '')
  return text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)
}
