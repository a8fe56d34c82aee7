import { clusterFields } from '../../tasks/lib/config/cluster-file/cluster-fields.ts'
import type {
  DictionaryField,
  Field,
  MapField,
  ScalarField,
} from '../../tasks/lib/config/cluster-file/field.ts'
import { formatNamed } from '../../tasks/lib/config/variables/formats.ts'
import { variableDefinition } from '../../tasks/lib/config/variables/variable-table.ts'

type Schema = Record<string, unknown>

// A value with a variable in it is checked by tasks, not by the editor.
const reference: Schema = { type: 'string', pattern: '\\$' }

/** The JSON schema (draft 7, which editors know best) of cluster.yaml, from the table that its reader uses. */
export function clusterSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'cluster.yaml',
    ...schemaOf(clusterFields),
  }
}

function schemaOf(field: Field): Schema {
  const described = { description: description(field) }
  if (field.type === 'map') return { ...described, ...mapSchema(field) }
  if (field.type === 'list') return { ...described, type: ['array', 'null'], items: schemaOf(field.items) }
  if (field.type === 'dictionary') return { ...described, ...dictionarySchema(field) }
  return field.type === 'free' ? described : { ...described, ...scalarSchema(field) }
}

function description({ summary, variable }: Field): string {
  if (!variable) return summary
  const usual = variableDefinition(variable)?.default
  return `${summary} ($${variable}${usual ? `, default ${usual}` : ''})`
}

function mapSchema(field: MapField): Schema {
  const entries = Object.entries(field.fields)
  const required = entries.filter(([, { required }]) => required).map(([name]) => name)
  const map: Schema = {
    type: ['object', 'null'],
    additionalProperties: false,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(entries.map(([name, inner]) => [name, schemaOf(inner)])),
  }
  return field.shorthand ? { anyOf: [schemaOf(field.fields[field.shorthand]!), map] } : map
}

function dictionarySchema({ keys, values }: DictionaryField): Schema {
  const { pattern } = formatNamed(keys)
  const names = pattern ? { propertyNames: { pattern } } : {}
  return { type: ['object', 'null'], ...names, additionalProperties: schemaOf(values) }
}

function scalarSchema({ type, choices, format, minimum, maximum }: ScalarField): Schema {
  if (type === 'boolean') return { anyOf: [{ type: 'boolean' }, reference] }
  if (type === 'integer') {
    const limits = { ...(minimum !== undefined && { minimum }), ...(maximum !== undefined && { maximum }) }
    return { anyOf: [{ type: 'integer', ...limits }, reference] }
  }
  if (choices) return { anyOf: [{ enum: choices }, reference] }
  const { pattern, example } = formatNamed(format ?? 'text')
  const text = { type: ['string', 'number'], ...(pattern && { pattern }) }
  return pattern ? { anyOf: [text, reference], examples: [example] } : text
}
