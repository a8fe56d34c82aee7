import { didYouMean } from '../../cli/suggest.ts'
import type { Field } from './field.ts'
import { isMap } from './scalar-types.ts'
import { childSchema, type JsonSchema, type Problem } from './structural-schema.ts'

const ofEveryObject = new Set(['apiVersion', 'kind', 'metadata'])

/** What the API server would drop, which strict field validation refuses. */
export function unknownFields(field: Field, schema: JsonSchema): Problem[] {
  if (Array.isArray(field.value)) {
    return schema.items ? field.items.flatMap((item) => unknownFields(item, schema.items!)) : []
  }
  if (!isMap(field.value)) return []
  return field.fields.flatMap((entry) => {
    if (schema['x-kubernetes-embedded-resource'] && ofEveryObject.has(entry.key)) return []
    const known = childSchema(schema, entry.key)
    if (known) return unknownFields(entry, known)
    if (schema['x-kubernetes-preserve-unknown-fields'] || schema.additionalProperties === true) return []
    const hint = didYouMean(entry.key, Object.keys(schema.properties ?? {}))
    return [{ field: entry, message: 'unknown field', hint }]
  })
}
