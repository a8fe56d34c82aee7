import { didYouMean } from '../../cli/suggest.ts'
import { stringifyJson } from '../json.ts'
import type { Field } from './field.ts'
import { isInteger, isMap } from './scalar-types.ts'
import { unknownFields } from './structural-fields.ts'
import { childSchema, type JsonSchema, type Problem } from './structural-schema.ts'
import { describe, valueProblem } from './structural-values.ts'

/** Checks a custom resource by the schema of its CustomResourceDefinition; rules in CEL are the API server's. */
export function checkStructure(object: Field, schema: JsonSchema): void {
  const root = { ...schema, 'x-kubernetes-embedded-resource': true }
  const problems = [...unknownFields(object, root), ...problemsOf(object, root)]
  for (const { field, message, ...options } of problems) field.error(message, options)
}

function problemsOf(field: Field, schema: JsonSchema): Problem[] {
  if (field.value === null && schema.nullable) return []
  const wrongType = typeProblem(field, schema)
  if (wrongType) return [wrongType]
  const own = valueProblem(field.value, schema)
  return [
    ...(own ? [{ field, message: own, got: true, hint: enumHint(field, schema) }] : []),
    ...(isMap(field.value) ? mapProblems(field, schema) : []),
    ...(schema['x-kubernetes-embedded-resource'] ? embeddedProblems(field) : []),
    ...(Array.isArray(field.value) ? listProblems(field, schema) : []),
    ...junctorProblems(field, schema),
  ]
}

function typeProblem(field: Field, schema: JsonSchema): Problem | undefined {
  const { value } = field
  if (schema['x-kubernetes-int-or-string']) {
    if (typeof value === 'string' || isInteger(value, 63n)) return undefined
    return { field, message: 'expected an integer or a string', got: true }
  }
  if (schema.type === undefined || isOfType(value, schema.type)) return undefined
  const quote = schema.type === 'string' && typeof value !== 'object'
  const hint = typeHint(value, schema.type)
  return { field, message: `expected ${describe(schema.type)}`, got: true, quote, hint }
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'object') return isMap(value)
  if (type === 'array') return Array.isArray(value)
  if (type === 'integer') return isInteger(value, 63n)
  if (type === 'number') return typeof value === 'number' || typeof value === 'bigint'
  return typeof value === type
}

function typeHint(value: unknown, type: string): string | undefined {
  const isQuoted = typeof value === 'string' && /^(-?\d+|true|false)$/.test(value)
  return isQuoted && /^(integer|number|boolean)$/.test(type) ? 'remove the quotes' : undefined
}

function enumHint({ value }: Field, schema: JsonSchema): string | undefined {
  return schema.enum ? didYouMean(String(value), schema.enum.map(String)) : undefined
}

function mapProblems(field: Field, schema: JsonSchema): Problem[] {
  const missing = (schema.required ?? []).filter((name) => {
    const property = schema.properties?.[name]
    const { value } = field.at(name)
    // Null counts as not there, unless the schema wants it; a default fills the gap.
    return (value === undefined || (value === null && !property?.nullable)) && property?.default === undefined
  })
  return [
    ...missing.map((name) => ({ field: field.at(name), message: 'is required' })),
    ...field.fields.flatMap((entry) => {
      const known = childSchema(schema, entry.key)
      const dropped = entry.value === null && !known?.nullable
      return known && !dropped ? problemsOf(entry, known) : []
    }),
  ]
}

function embeddedProblems(field: Field): Problem[] {
  const names = ['apiVersion', 'kind'].map((name) => field.at(name))
  return names.flatMap((name) =>
    name.text ? [] : [{ field: name, message: 'expected a string', got: true }],
  )
}

function listProblems(field: Field, schema: JsonSchema): Problem[] {
  const problems = schema.items ? field.items.flatMap((item) => problemsOf(item, schema.items!)) : []
  const keys = schema['x-kubernetes-list-map-keys']
  if (!keys && schema['x-kubernetes-list-type'] !== 'set') return problems
  const seen = new Set<string>()
  for (const item of field.items) {
    const identity = keys
      ? keys.map((key) => String(item.at(key).value ?? schema.items?.properties?.[key]?.default)).join(' ')
      : stringifyJson(item.value)
    if (seen.has(identity)) problems.push({ field: item, message: `${identity} is in the list already` })
    seen.add(identity)
  }
  return problems
}

function junctorProblems(field: Field, { allOf = [], anyOf, oneOf, not }: JsonSchema): Problem[] {
  const fits = (schema: JsonSchema) => problemsOf(field, schema).length === 0
  const problems = allOf.flatMap((schema) => problemsOf(field, schema))
  if (anyOf && !anyOf.some(fits)) problems.push(closest(field, anyOf))
  const matching = oneOf?.filter(fits).length
  if (matching === 0) problems.push(closest(field, oneOf!))
  if (matching !== undefined && matching > 1) {
    problems.push({
      field,
      message: `fits ${matching} of the alternatives of its schema, expected exactly one`,
    })
  }
  if (not && fits(not)) problems.push({ field, message: 'is what its schema excludes', got: true })
  return problems
}

/** What is wrong by the alternative that came nearest, for want of a schema that says which was meant. */
function closest(field: Field, alternatives: JsonSchema[]): Problem {
  const attempts = alternatives.map((schema) => problemsOf(field, schema))
  const [nearest] = attempts.sort((a, b) => a.length - b.length)
  const names = alternatives.flatMap((schema) => schema.required ?? [])
  const hint = names.length > 0 ? `its schema wants one of ${[...new Set(names)].join(', ')}` : undefined
  return nearest?.[0]
    ? { ...nearest[0], hint }
    : { field, message: 'fits no alternative of its schema', hint }
}
