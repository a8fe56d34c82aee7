import type { Finding } from '../errors.ts'
import { didYouMean } from '../suggest.ts'
import type { OptionDefinition } from '../task.ts'
import type { Option } from './options.ts'
import type { Use } from './tokens.ts'

/** What a task reads of an option. */
export type Value = boolean | string | number | string[] | undefined

/** The value of each option by key, defaults filled in, with what is wrong with the given ones. */
export function optionValues(options: Option[], uses: Use[]) {
  const values: Record<string, Value> = {}
  const findings: Finding[] = []
  for (const option of options) {
    const given = uses.filter((use) => use.option.key === option.key)
    const read = given.map((use) => readValue(use))
    findings.push(...read.flatMap((result) => ('finding' in result ? [result.finding] : [])))
    const good = read.flatMap((result) => ('value' in result ? [result.value] : []))
    if (differ(option, good)) findings.push(error(`${option.flag} is given twice: ${good.join(' and ')}`))
    values[option.key] = given.length === 0 ? defaultOf(option.definition) : together(option, good)
  }
  return { values, findings }
}

type Result = { value: Value } | { finding: Finding }

function readValue(use: Use): Result {
  const { definition } = use.option
  if (definition.type === 'boolean') return readBoolean(use)
  const text = use.text ?? ''
  if (definition.type === 'number') return readNumber(use, text)
  const parts = definition.type === 'list' ? commaSeparated(text) : [text]
  const wrong = parts.find((part) => definition.choices && !definition.choices.includes(part))
  if (wrong !== undefined) return { finding: wrongChoice(use, wrong) }
  return { value: definition.type === 'list' ? parts : text }
}

function readBoolean({ option, spelling, text }: Use): Result {
  const isNegated = spelling.startsWith('--no-') && spelling !== option.flag
  if (text === undefined) return { value: !isNegated }
  if (!isNegated && ['true', 'false'].includes(text)) return { value: text === 'true' }
  return { finding: error(`${spelling}=${text}: ${spelling} takes no value`) }
}

function readNumber({ option, spelling }: Use, text: string): Result {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (!Number.isFinite(value)) return { finding: error(`${spelling} ${text || '""'}: expected a number`) }
  const choices = option.definition.choices
  if (choices && !choices.includes(String(value))) {
    return { finding: error(`${spelling} ${text}: expected ${alternatives(choices)}`) }
  }
  return { value }
}

function wrongChoice({ option, spelling }: Use, text: string): Finding {
  const choices = option.definition.choices ?? []
  const message = `${spelling} ${text || '""'}: expected ${alternatives(choices)}`
  return { ...error(message), hint: didYouMean(text, choices) }
}

function alternatives(choices: readonly string[]): string {
  return choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
}

function differ({ definition }: Option, values: Value[]): boolean {
  return definition.type !== 'list' && new Set(values).size > 1
}

function together({ definition }: Option, values: Value[]): Value {
  return definition.type === 'list' ? (values as string[][]).flat() : values.at(-1)
}

function defaultOf({ type, default: value }: OptionDefinition): Value {
  if (type === 'boolean') return value ?? false
  if (type === 'list') return value === undefined ? [] : commaSeparated(String(value))
  return value
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

function error(message: string): Finding {
  return { severity: 'error', message }
}
