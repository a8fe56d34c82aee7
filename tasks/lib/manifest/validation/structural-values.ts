import { stringifyJson } from '../json.ts'
import { isAddress, isRange } from './names.ts'
import { re2 } from './re2.ts'
import { isInteger, isMap, scalarType } from './scalar-types.ts'

/** The part of a JSON schema that speaks about one value by itself. */
export interface ValueSchema {
  type?: string
  enum?: unknown[]
  format?: string
  pattern?: string
  minimum?: number
  maximum?: number
  exclusiveMinimum?: boolean
  exclusiveMaximum?: boolean
  multipleOf?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  minProperties?: number
  maxProperties?: number
  'x-kubernetes-int-or-string'?: boolean
}

/** What is wrong with a value of the right type, or undefined. */
export function valueProblem(value: unknown, schema: ValueSchema): string | undefined {
  if (schema.enum && !schema.enum.some((allowed) => isEqual(allowed, value))) return enumProblem(schema.enum)
  if (typeof value === 'string') return textProblem(value, schema)
  if (typeof value === 'number' || typeof value === 'bigint') return numberProblem(value, schema)
  if (Array.isArray(value))
    return sizeProblem(value.length, { ...schema, min: schema.minItems, max: schema.maxItems, what: 'items' })
  if (isMap(value)) {
    const { minProperties: min, maxProperties: max } = schema
    return sizeProblem(Object.keys(value).length, { min, max, what: 'fields' })
  }
  return undefined
}

/** A schema type as an error says it: "an integer". */
export function describe(type: string): string {
  const names: Record<string, string> = {
    array: 'a list',
    boolean: 'true or false',
    integer: 'an integer',
    object: 'a map',
  }
  return names[type] ?? `a ${type}`
}

function isEqual(allowed: unknown, value: unknown): boolean {
  return typeof allowed === 'object' ? stringifyJson(allowed) === stringifyJson(value) : allowed === value
}

function enumProblem(values: unknown[]): string {
  const names = values.map((value) => (value === '' ? '""' : String(value)))
  return names.length > 12 ? `expected one of ${names.length} names` : `expected one of ${names.join(', ')}`
}

function textProblem(text: string, schema: ValueSchema): string | undefined {
  const { minLength: min, maxLength: max, pattern, format } = schema
  const size = sizeProblem([...text].length, { min, max, what: 'characters' })
  if (size) return size
  // Go matches in linear time, JavaScript may not: long texts are the API server's.
  if (pattern !== undefined && text.length <= 4096 && re2(pattern)?.test(text) === false)
    return `expected text that matches ${pattern}`
  const known = format !== undefined && Object.hasOwn(formats, format) ? formats[format]! : undefined
  return known && !known.accepts(text) ? `expected ${known.expected}` : undefined
}

function numberProblem(value: number | bigint, schema: ValueSchema): string | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum && Number(value) === minimum))) {
    return `expected ${exclusiveMinimum ? 'more than' : 'at least'} ${minimum}`
  }
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum && Number(value) === maximum))) {
    return `expected ${exclusiveMaximum ? 'less than' : 'at most'} ${maximum}`
  }
  if (schema.format === 'int32' && !isInteger(value, 31n)) return 'expected a number of 32 bits'
  if (multipleOf && Number(value) % multipleOf !== 0) return `expected a multiple of ${multipleOf}`
  return undefined
}

function sizeProblem(size: number, limit: { min?: number; max?: number; what: string }): string | undefined {
  if (limit.min !== undefined && size < limit.min) return `expected at least ${limit.min} ${limit.what}`
  if (limit.max !== undefined && size > limit.max) return `expected at most ${limit.max} ${limit.what}`
  return undefined
}

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i

/** The formats that the API server checks and that have one reading; of others it says nothing here. */
const formats: Record<string, { expected: string; accepts(text: string): boolean }> = {
  byte: scalarType('bytes'),
  cidr: { expected: 'an address range such as 10.0.0.0/8', accepts: isRange },
  date: {
    expected: 'a date such as 2026-01-31',
    accepts: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDate(text),
  },
  'date-time': { expected: 'a time such as 2026-01-31T12:00:00Z', accepts: isDate },
  duration: { expected: 'a duration such as 1m30s', accepts: (text) => /^[+-]?[\d.]/.test(text) },
  ipv4: { expected: 'an IPv4 address', accepts: (text) => isAddress(text) && text.includes('.') },
  ipv6: { expected: 'an IPv6 address', accepts: (text) => isAddress(text) && text.includes(':') },
  uuid: { expected: 'a UUID', accepts: (text) => uuid.test(text) },
}

function isDate(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))
}
