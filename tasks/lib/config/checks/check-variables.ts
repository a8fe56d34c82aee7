import type { Finding } from '../../cli/errors.ts'
import { didYouMean, editDistance } from '../../cli/suggest.ts'
import { mendHint } from '../cluster-file/mend.ts'
import type { Checked } from '../cluster-file/places.ts'
import type { Variable } from '../model.ts'
import { formatNamed } from '../variables/formats.ts'
import { timezones } from '../variables/timezones.ts'
import {
  exampleOf,
  type VariableDefinition,
  variableDefinition,
  variableDefinitions,
} from '../variables/variable-table.ts'

/** Values that do not have the format of their row, and names that are a slip away from a known one. */
export function checkVariables({ config, broken }: Checked): Finding[] {
  const whole = [...config.variables.values()].filter(({ name }) => !broken.has(name))
  return whole.flatMap((variable) => {
    const definition = variableDefinition(variable.name)
    if (!definition) return checkSpelling(variable)
    return isCheckedElsewhere(variable) ? [] : checkValue(variable, definition)
  })
}

// Defaults are ours, and what cluster.yaml says was checked as its own field.
function isCheckedElsewhere({ origin }: Variable): boolean {
  return origin === 'default' || origin.startsWith('cluster.yaml:')
}

function checkValue({ name, value, place }: Variable, definition: VariableDefinition): Finding[] {
  if (value.trim() === '') return mayBeEmpty(definition) ? [] : [emptyFinding({ name, place }, definition)]
  const format = formatNamed(definition.format)
  const accepted = definition.choices ? definition.choices.includes(value) : format.accepts(value)
  if (accepted) return []
  const expected = definition.choices?.join(', ') ?? format.expected
  const message = `${name} is "${value}", expected ${expected}`
  return [{ severity: 'error', ...place, message, hint: hintFor(value, definition) }]
}

// An empty TZ is UTC; an empty list has no items; what has no default may as well be unset.
function mayBeEmpty(definition: VariableDefinition): boolean {
  const { default: fallback, format } = definition
  return !fallback || ['text', 'names', 'nodeNames', 'addressRanges', 'timezone'].includes(format)
}

function emptyFinding(
  { name, place }: Pick<Variable, 'name' | 'place'>,
  definition: VariableDefinition,
): Finding {
  const message = `${name} is empty, expected ${formatNamed(definition.format).expected}`
  return { severity: 'error', ...place, message, hint: `for example ${name}=${exampleOf(name)}` }
}

function hintFor(value: string, definition: VariableDefinition): string {
  const meant = definition.choices ?? (definition.format === 'timezone' ? timezones() : [])
  const { name, format } = definition
  const example = exampleOf(name) ?? formatNamed(format).example
  return (
    didYouMean(value, meant) ?? mendHint(value, format) ?? `for example ${name}=${quotedForFile(example)}`
  )
}

function quotedForFile(value: string): string {
  return value.includes(' ') && !value.startsWith('"') ? `"${value}"` : value
}

// One slip in a long name: K8S_NODE for K8S_NODES would silently choose the sandbox. DB_HOST2 is a name of its own.
function checkSpelling({ name, place }: Variable): Finding[] {
  if (name.length < 5 || /[0-9]$/.test(name)) return []
  const near = [...variableDefinitions()].find((known) => editDistance(known.name, name, 2) === 1)
  if (!near) return []
  const message = `${name} is no variable that metaltasks knows`
  return [{ severity: 'warning', ...place, message, hint: `did you mean ${near.name}?` }]
}
