import type { Field } from '../field.ts'
import { checkChoice } from './values.ts'

const types = ['array', 'boolean', 'integer', 'number', 'object', 'string']

/** A structural schema: every part of it says its type, the way the API server demands. */
export function checkSchema(schema: Field): void {
  const type = schema.at('type')
  const isFree =
    schema.at('x-kubernetes-int-or-string').value === true ||
    schema.at('x-kubernetes-preserve-unknown-fields').value === true
  if (!type.text && !isFree) type.error('is required', { hint: `one of ${types.join(', ')}` })
  checkChoice(type, types)
  const [properties, others, items] = ['properties', 'additionalProperties', 'items'].map((name) =>
    schema.at(name),
  )
  if (type.text === 'array' && items!.isMissing) items!.error('is required for the type array')
  for (const property of properties!.fields) checkSchema(property)
  if (!items!.isMissing) checkSchema(items!)
  if (others!.fields.length > 0) checkSchema(others!)
  if (!properties!.isEmpty && others!.fields.length > 0) {
    others!.error('cannot stand beside properties', { hint: 'keep one of the two' })
  }
}
