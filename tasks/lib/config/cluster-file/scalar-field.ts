import type { Scalar } from 'yaml'
import type { Place } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { formatNamed } from '../variables/formats.ts'
import { variableDefinition } from '../variables/variable-table.ts'
import { isExpanded, keyText } from './cluster-document.ts'
import type { ScalarField } from './field.ts'
import type { At } from './field-reader.ts'
import { mendHint } from './mend.ts'

/** The value of one scalar; undefined, and a finding, when it is not what the field takes. */
export function readScalar(node: Scalar, field: ScalarField, at: At): string | number | boolean | undefined {
  const place = at.reader.yaml.placeOf(node)
  if (field.type === 'text' && typeof node.value === 'boolean') {
    return report(place, at, {
      value: keyText(node),
      expected: 'a text',
      hint: `put it in quotes: "${keyText(node)}"`,
    })
  }
  const text = isExpanded(node) ? at.reader.expand(keyText(node), place) : keyText(node)
  if (text === undefined) return undefined
  if (field.type === 'boolean') return readBoolean(text, place, at)
  if (field.type === 'integer') return readInteger(text, { field, place, at })
  return readText(text, { field, place, at })
}

interface Read {
  field: ScalarField
  place: Place
  at: At
}

function readBoolean(text: string, place: Place, at: At): boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  return report(place, at, {
    value: text,
    expected: 'true or false',
    hint: example(at.path, 'true'),
  })
}

function readInteger(text: string, { field, place, at }: Read): number | undefined {
  const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = field
  const value = Number(text)
  if (/^-?[0-9]+$/.test(text) && value >= minimum && value <= maximum) return value
  const limits = field.maximum === undefined ? `of at least ${minimum}` : `from ${minimum} to ${maximum}`
  const hint = example(at.path, String(Math.max(minimum, 10)))
  return report(place, at, { value: text, expected: `a whole number ${limits}`, hint })
}

function readText(text: string, { field, place, at }: Read): string | undefined {
  if (field.choices && !field.choices.includes(text)) {
    const hint =
      oldRoleHint(text, field.choices) ??
      didYouMean(text, field.choices) ??
      example(at.path, field.choices[0]!)
    return report(place, at, { value: text, expected: field.choices.join(', '), hint })
  }
  const format = formatNamed(field.format ?? 'text')
  if (format.accepts(text)) return text
  const hint = mendHint(text, field.format ?? 'text') ?? exampleHint(field, at.path)
  return report(place, at, { value: text, expected: format.expected, hint })
}

function report(place: Place, at: At, words: { value: string; expected: string; hint: string }): undefined {
  const message = `${at.path} is "${words.value}", expected ${words.expected}`
  at.reader.findings.push({ severity: 'error', ...place, message, hint: words.hint })
  return undefined
}

// What clusters called their control planes before 1.24.
function oldRoleHint(text: string, choices: readonly string[]): string | undefined {
  return text === 'master' && choices.includes('control-plane') ? 'did you mean control-plane?' : undefined
}

/** "for example podSubnet: 10.244.0.0/16": a value that the field would take. */
export function exampleHint(field: ScalarField, path: string): string {
  const usual = field.variable && variableDefinition(field.variable)?.default
  return example(path, usual && !usual.includes('$') ? usual : formatNamed(field.format ?? 'text').example)
}

function example(path: string, value: string): string {
  const key = path.split('.').at(-1)!
  const isItem = key.endsWith(']')
  return `for example ${key.replace(/\[[0-9]+\]$/, '')}: ${isItem ? `[${value}]` : value}`
}
