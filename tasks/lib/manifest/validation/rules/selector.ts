import type { Field } from '../field.ts'
import { labelValue, qualifiedName } from '../names.ts'
import { checkLabels } from './metadata.ts'
import { checkChoice, checkFilled, checkName } from './values.ts'

/** A label selector: matchLabels and matchExpressions. */
export function checkSelector(selector: Field): void {
  checkLabels(selector.at('matchLabels'))
  for (const expression of selector.at('matchExpressions').items) checkExpression(expression)
}

/** The selector of a workload: not empty, and it selects the pods of its own template. */
export function checkWorkloadSelector(spec: Field): void {
  const selector = spec.at('selector')
  if (selector.isMissing) return
  checkSelector(selector)
  const labels = spec.at('template', 'metadata', 'labels')
  if (selector.at('matchLabels').isEmpty && selector.at('matchExpressions').isEmpty) {
    selector.error('selects everything', { hint: 'add matchLabels that the template carries' })
    return
  }
  for (const entry of selector.at('matchLabels').fields) {
    const carried = labels.at(entry.key)
    if (carried.value === entry.value) continue
    const found = carried.isMissing ? 'does not carry it' : `carries "${carried.value}"`
    entry.error(`expected a label of the template, which ${found}`, {
      got: true,
      hint: `write ${entry.key}: ${entry.value} under ${labels.path}`,
    })
  }
  for (const expression of selector.at('matchExpressions').items) {
    if (!matches(expression, labels)) expression.error('does not match the labels of the template')
  }
}

function checkExpression(expression: Field): void {
  const [operator, values] = [expression.at('operator'), expression.at('values')]
  checkName(expression.at('key'), qualifiedName)
  checkChoice(operator, ['In', 'NotIn', 'Exists', 'DoesNotExist'])
  if (/^(In|NotIn)$/.test(operator.text ?? '')) checkFilled(values)
  if (/^(Exists|DoesNotExist)$/.test(operator.text ?? '') && !values.isEmpty) {
    values.error(`cannot stand beside the operator ${operator.text}`)
  }
  for (const value of values.items) checkName(value, labelValue)
}

function matches(expression: Field, labels: Field): boolean {
  const label = labels.at(expression.at('key').text ?? '')
  const values = expression.at('values').items.map((item) => item.value)
  switch (expression.at('operator').text) {
    case 'In':
      return values.includes(label.value)
    case 'NotIn':
      return !values.includes(label.value)
    case 'Exists':
      return !label.isMissing
    case 'DoesNotExist':
      return label.isMissing
    default:
      return true
  }
}
