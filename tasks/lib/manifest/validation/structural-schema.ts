import type { Field } from './field.ts'
import type { ValueSchema } from './structural-values.ts'

/** The schema of a custom resource: apiextensions.k8s.io/v1 JSONSchemaProps. */
export interface JsonSchema extends ValueSchema {
  properties?: Record<string, JsonSchema>
  additionalProperties?: JsonSchema | boolean
  items?: JsonSchema
  required?: string[]
  nullable?: boolean
  default?: unknown
  allOf?: JsonSchema[]
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  not?: JsonSchema
  'x-kubernetes-preserve-unknown-fields'?: boolean
  'x-kubernetes-embedded-resource'?: boolean
  'x-kubernetes-list-type'?: string
  'x-kubernetes-list-map-keys'?: string[]
}

/** Something wrong with a field of a custom resource. */
export interface Problem {
  field: Field
  message: string
  got?: boolean
  quote?: boolean
  hint?: string
}

/** The schema of one field of a map, or undefined for a field that the schema does not know. */
export function childSchema(
  { properties, additionalProperties }: JsonSchema,
  key: string,
): JsonSchema | undefined {
  if (properties && Object.hasOwn(properties, key)) return properties[key]
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}
