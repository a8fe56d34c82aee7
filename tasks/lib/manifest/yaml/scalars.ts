import { wholeNumber } from '../json.ts'
import type { Json } from '../object.ts'
import { floatKey, readNumber } from './numbers.ts'

/** Why a scalar has no value that Kubernetes could read. */
export interface ScalarProblem {
  problem: string
}

/** A scalar as the YAML says it: its text, whether it stood without quotes, and its tag in full ("" without one). */
export interface ScalarSource {
  text: string
  isPlain: boolean
  tag: string
}

/**
 * The JSON value that kubectl reads from a scalar. kubectl decodes with go-yaml v2: the words of YAML 1.1 and the
 * numbers of Go. https://github.com/yaml/go-yaml/blob/v2/resolve.go
 */
export function typeScalar(scalar: ScalarSource): Json | ScalarProblem {
  const value = resolve(scalar)
  if (typeof value === 'number') return asJsonNumber(value)
  const isNotJson = typeof value === 'object' && value !== null && 'float' in value
  return isNotJson ? { problem: `${scalar.text} has no form in JSON; quote it` } : value
}

/** The text under which kubectl files a key: `n` is typed false and becomes "false". */
export function typeKey(scalar: ScalarSource): string | ScalarProblem {
  const value = resolve(scalar)
  if (typeof value === 'string') return value
  if (value === null) return { problem: 'a key must not be null' }
  if (typeof value === 'object') return 'float' in value ? floatKey(value.float) : value
  const number = typeof value === 'boolean' ? undefined : readNumber(scalar.text)
  if (number?.kind === 'uint') return { problem: `kubectl reads no key as large as ${scalar.text}; quote it` }
  const isFloat = number?.kind === 'float' || scalar.tag === `${core}float`
  return isFloat ? floatKey(Number(value)) : String(value)
}

/** Tells a problem from a value; a manifest's own map with a field `problem` is never asked. */
export function isProblem(value: Json | ScalarProblem): value is ScalarProblem {
  return typeof value === 'object' && value !== null && 'problem' in value
}

/** The value of a plain scalar without a tag, for the printer: only what comes back as a string may stand unquoted. */
export function readsAsString(text: string): boolean {
  return !words.has(text) && readNumber(text) === undefined
}

// A float that is whole is a whole number once JSON was written and read again: -0.0 is 0, 1e16 is exact.
function asJsonNumber(value: number): number | bigint {
  if (Number.isSafeInteger(value) || !Number.isInteger(value) || Math.abs(value) >= 1e21) return value || 0
  return wholeNumber(String(value))
}

const core = 'tag:yaml.org,2002:'

/** .inf and .nan: numbers for a key, nothing for JSON. */
interface NotJson {
  float: number
}

type Resolved = Exclude<Json, object> | null | ScalarProblem | NotJson

function resolve({ text, isPlain, tag }: ScalarSource): Resolved {
  if (tag === '') return isPlain ? resolvePlain(text) : text
  if (!tag.startsWith(core)) return text
  const name = tag.slice(core.length)
  if (name === 'binary') return decodeBinary(text)
  if (!(name in kinds)) return text
  if (name === 'timestamp' && timestamp.test(text)) return text
  const value = resolvePlain(text)
  const kind = kindOf(value, text)
  if (kind === name || (kind === 'int' && name === 'float')) return name === 'float' ? asFloat(value) : value
  return { problem: `"${text}" is not a valid ${kinds[name as keyof typeof kinds]}` }
}

const kinds = {
  bool: 'boolean for !!bool',
  int: 'whole number for !!int',
  float: 'number for !!float',
  null: 'null for !!null',
  timestamp: 'date for !!timestamp',
}

function resolvePlain(text: string): Resolved {
  const word = words.get(text)
  return word !== undefined ? word : (readNumber(text)?.value ?? text)
}

const words = new Map<string, boolean | null | NotJson>()
for (const word of ['y', 'yes', 'true', 'on']) addWord(word, true)
for (const word of ['n', 'no', 'false', 'off']) addWord(word, false)
for (const word of ['', '~', 'null']) addWord(word, null)
for (const word of ['.inf', '+.inf']) addWord(word, { float: Number.POSITIVE_INFINITY })
addWord('-.inf', { float: Number.NEGATIVE_INFINITY })
for (const word of ['.nan', '.NaN', '.NAN']) words.set(word, { float: Number.NaN })

/** Lower, Title and UPPER case; "oN" stays a string. */
function addWord(word: string, value: boolean | null | NotJson): void {
  const title = word.replace(/[a-z]/, (letter) => letter.toUpperCase())
  for (const form of [word, title, word.toUpperCase()]) words.set(form, value)
}

function kindOf(value: Resolved, text: string): string {
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'string') return 'str'
  if (typeof value === 'object') return 'float'
  return readNumber(text)?.kind === 'float' ? 'float' : 'int'
}

function asFloat(value: Resolved): Resolved {
  return typeof value === 'bigint' ? Number(value) : value
}

const timestamp = /^\d{4}-\d{1,2}-\d{1,2}([Tt ]\d{1,2}:\d{1,2}:\d{1,2}(\.\d+)?(Z|[-+]\d{2}:\d{2})?)?$/

// Go's base64 is strict but for line breaks; Node's takes anything.
function decodeBinary(text: string): string | ScalarProblem {
  const packed = text.replace(/[\r\n]/g, '')
  const valid = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed)
  return valid
    ? Buffer.from(packed, 'base64').toString('utf8')
    : { problem: 'the text after !!binary is not base64' }
}
