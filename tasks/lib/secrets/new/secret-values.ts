import { parseDocument } from 'yaml'
import { UsageError } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'

/** The values of a Secret by key; bytes that are no text stay bytes. */
export type SecretValues = Record<string, string | Uint8Array>

/** Keys whose values are no secrets: kept out of all output, alice would also be *** where files and people are named. */
const open = new Set(['username', 'user', 'server', 'email'])

/**
 * Reads values from stdin: a JSON object, KEY=VALUE lines, or YAML. With exactly one name expected, a text that
 * does not give that name is the value itself, without its last line end. Never shows any of it in an error.
 */
export async function parseValues(
  text: string,
  { expected = [] }: { expected?: string[] } = {},
): Promise<Record<string, string>> {
  const structured = jsonValues(text) ?? lineValues(text) ?? yamlValues(text)
  const values = expected.length === 1 ? oneValue(text, { name: expected[0]!, structured }) : structured
  if (!values)
    throw new UsageError('stdin is neither KEY=VALUE lines nor a JSON or YAML map of texts', {
      hint: 'one KEY=VALUE on each line; several lines in one value: as JSON; one bare value: --value KEY',
    })
  for (const [key, value] of Object.entries(values)) if (!open.has(key)) registerSecret(value)
  return values
}

function oneValue(
  text: string,
  { name, structured }: { name: string; structured?: Record<string, string> },
): Record<string, string> | undefined {
  if (structured && Object.hasOwn(structured, name)) return structured
  const value = text.replace(/\r?\n$/, '')
  return value === '' ? undefined : { [name]: value }
}

function jsonValues(text: string): Record<string, string> | undefined {
  if (!text.trimStart().startsWith('{')) return undefined
  try {
    const parsed: object = JSON.parse(text)
    // A number is taken as it is written: its last digits would be lost, or its exponent spelt out.
    const hasNumber = Object.values(parsed).some((value) => typeof value === 'number')
    return hasNumber ? yamlValues(text) : textValues(parsed)
  } catch {
    return undefined
  }
}

function lineValues(text: string): Record<string, string> | undefined {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const pairs = lines.map((line) => /^(?:export\s+)?([\w.-]+)=(.*)$/.exec(line))
  if (pairs.length === 0 || pairs.includes(null) || (lines.length === 1 && isBase64(lines[0]!)))
    return undefined
  return Object.fromEntries(pairs.map((pair) => [pair![1]!, pair![2]!]))
}

// The value of somebody who forgot --value: read as KEY=, most of it would stand in the file as a clear key.
function isBase64(line: string): boolean {
  return line.length >= 8 && line.length % 4 === 0 && /^[A-Za-z0-9+/_-]+==?$/.test(line)
}

function yamlValues(text: string): Record<string, string> | undefined {
  // Every scalar as it is written: a password 0123 or true is a text.
  const document = parseDocument(text, { schema: 'failsafe', logLevel: 'silent' })
  if (document.errors.length > 0) return undefined
  try {
    return textValues(document.toJS())
  } catch {
    // An alias of nothing is named in the error: it may be a password that begins with *.
    return undefined
  }
}

function textValues(parsed: unknown): Record<string, string> | undefined {
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined
  const entries = Object.entries(parsed)
  const isText = ([, value]: [string, unknown]) => ['string', 'number', 'boolean'].includes(typeof value)
  if (entries.length === 0 || !entries.every(isText)) return undefined
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]))
}

/** Throws where a key could not stand in a Secret. */
export function checkKeys(keys: string[]): void {
  for (const key of keys) {
    if (/^[-._a-zA-Z0-9]{1,253}$/.test(key) && !/^\.\.?$/.test(key)) continue
    const meant = key.replace(/[^-._a-zA-Z0-9]+/g, '-')
    throw new UsageError(`"${key}" cannot be a key of a Secret: it takes letters, digits, "-", "_" and "."`, {
      hint: `did you mean ${meant}?`,
    })
  }
}

/** Throws where a key could not be the name of a variable. */
export function checkVariables(keys: string[]): void {
  const odd = keys.find((key) => !/^[A-Za-z_]\w*$/.test(key))
  if (odd === undefined) return
  const meant = odd
    .replace(/\W+/g, '_')
    .replace(/^(?=\d)/, '_')
    .toUpperCase()
  throw new UsageError(`"${odd}" cannot be the name of a variable`, { hint: `did you mean ${meant}?` })
}
