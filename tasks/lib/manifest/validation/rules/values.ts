import type { Field } from '../field.ts'
import { isAddress, isRange, type NameSyntax, portName } from '../names.ts'
import { quantityValue } from '../quantities.ts'

/** A rule looks at a field and reports what is wrong; it is silent where the type is, which was reported before. */
export type Rule = (field: Field) => void

/** Says so when a field is missing or empty; true when it is there. */
export function checkFilled(field: Field, options: { hint?: string } = {}): boolean {
  if (field.isEmpty) field.error(field.isMissing ? 'is required' : 'is required, but empty', options)
  return !field.isEmpty
}

/** A text in a syntax; missing is fine. */
export function checkName(field: Field, syntax: NameSyntax): void {
  const { text } = field
  if (!text || syntax.accepts(text)) return
  const repaired = syntax.repair?.(text)
  const hint = repaired !== undefined && syntax.accepts(repaired) ? `for example ${repaired}` : undefined
  field.error(`expected ${syntax.expected}`, { got: true, hint })
}

/** A number within bounds; missing is fine. */
export function checkRange(
  field: Field,
  { min = -Infinity, max = Infinity }: { min?: number; max?: number },
): void {
  const { number } = field
  if (number === undefined || (number >= min && number <= max)) return
  const expected = max === Infinity ? `at least ${min}` : `${min} to ${max}`
  field.error(`expected ${expected}`, { got: true })
}

/** One of some names that the OpenAPI does not list. */
export function checkChoice(field: Field, names: readonly string[], options: { hint?: string } = {}): void {
  if (!field.text || names.includes(field.text)) return
  const only = names.length === 1 ? names[0] : `one of ${names.join(', ')}`
  field.error(`expected ${only}`, { got: true, ...options })
}

/** No field twice: one of `names`, not several. */
export function checkAtMostOne(field: Field, names: readonly string[]): void {
  const present = names.filter((name) => !field.at(name).isMissing)
  if (present.length > 1) {
    field.at(present[1]!).error(`cannot stand beside ${present[0]}`, { hint: 'keep one of the two' })
  }
}

/** Exactly one of `names`. */
export function checkExactlyOne(field: Field, names: readonly string[], what: string): void {
  if (field.isMissing) return
  checkAtMostOne(field, names)
  if (names.every((name) => field.at(name).isMissing)) {
    field.error(`${what} is missing`, { hint: `add one of ${names.slice(0, 8).join(', ')}` })
  }
}

/** A port as a number, or as the name of one. */
export function checkPort(field: Field, options: { named?: boolean } = {}): void {
  if (field.number !== undefined) checkRange(field, { min: 1, max: 65535 })
  else if (options.named) checkName(field, portName)
  if (options.named && field.text === '') field.error('is required, but empty')
}

/** A count or a percentage: "25%". */
export function checkCountOrPercent(field: Field): void {
  if (field.number !== undefined) {
    checkRange(field, { min: 0 })
    return
  }
  if (field.text !== undefined && !/^\d+%$/.test(field.text)) {
    field.error('expected a count or a percentage such as 25%', { got: true })
  }
}

export function checkAddress(field: Field): void {
  if (field.text && !isAddress(field.text)) field.error('expected an IP address', { got: true })
}

export function checkCidr(field: Field): void {
  if (field.text === undefined || isRange(field.text)) return
  field.error('expected an address range such as 10.0.0.0/8', { got: true })
}

/** A quantity that is not below nothing. */
export function checkNotNegative(field: Field): void {
  const value = quantityValue(field.value)
  if (value !== undefined && value < 0) field.error('expected at least 0', { got: true })
}

/** Items whose texts differ; `what` names them: "container name". */
export function checkUnique(fields: Field[], what: string): void {
  const seen = new Map<unknown, Field>()
  for (const field of fields) {
    if (field.isEmpty) continue
    const first = seen.get(field.value)
    if (first) field.error(`${what} ${field.value} is already at ${first.path}`)
    else seen.set(field.value, field)
  }
}
