import { didYouMean } from '../../cli/suggest.ts'
import type { Field } from './field.ts'
import { missingHint, unknownHint } from './hints.ts'
import { isInteger, isMap, type ScalarName, scalarType } from './scalar-types.ts'
import type { EnumType, ListType, ModelType, Type } from './schema-types.ts'

/** Checks a map against a built-in model: unknown, missing and duplicate fields, types and enums, all the way down. */
export function checkModel(field: Field, model: ModelType): void {
  // An empty item ("- ") is a map with nothing in it.
  const map = field.value === null ? {} : field.value
  if (!isMap(map)) {
    field.error('expected a map', { got: true })
    return
  }
  for (const name in map) {
    const type = model.fields.get(name)
    if (!type) reportUnknown(field.at(name), model)
    else if (!isFine(map[name], type)) checkType(field.at(name), type)
  }
  for (const name of model.required) {
    if (isZero(map[name])) reportMissing(field.at(name))
  }
}

/** What Go cannot tell from a field that is not there. */
function isZero(value: unknown): boolean {
  return !value ? value !== false : Array.isArray(value) && value.length === 0
}

function reportMissing(field: Field): void {
  // The API server drops the status of what is applied.
  if (field.path.startsWith('status.')) return
  const message = field.isMissing ? 'is required' : 'is required, but empty'
  const hint = field.isMissing ? missingHint(field.key) : undefined
  field.error(field.value === 0 ? 'is required, and cannot be 0' : message, { hint })
}

/** The common case in few steps: 43,000 objects pass here. */
function isFine(value: unknown, type: Type): boolean {
  return value === null || (type.is === 'scalar' && scalarType(type.name).accepts(value))
}

function checkType(field: Field, type: Type): void {
  switch (type.is) {
    case 'scalar':
      checkScalar(field, type.name)
      return
    case 'enum':
      checkEnum(field, type)
      return
    case 'list':
      checkList(field, type)
      return
    case 'map':
      if (!isMap(field.value)) {
        field.error('expected a map', { got: true })
        return
      }
      for (const entry of field.fields) if (!isFine(entry.value, type.value)) checkType(entry, type.value)
      return
    case 'model':
      checkModel(field, type)
      return
  }
}

function checkScalar(field: Field, name: ScalarName): void {
  const { expected, accepts } = scalarType(name)
  if (accepts(field.value)) return
  const size = name === 'int32' && isInteger(field.value, 63n) ? ' of 32 bits' : ''
  const quote = name === 'string' && typeof field.value !== 'object'
  field.error(`expected ${expected}${size}`, { got: true, quote, hint: scalarHint(field, name) })
}

function scalarHint({ value }: Field, name: ScalarName): string | undefined {
  if (name === 'bytes') return 'write the plain text under stringData instead, or encode it with base64'
  if (name.startsWith('int') && typeof value === 'string' && /^-?\d+$/.test(value)) return 'remove the quotes'
  if (name === 'boolean' && /^(true|false)$/.test(String(value))) return 'remove the quotes'
  return undefined
}

function checkEnum(field: Field, { values }: EnumType): void {
  // The server takes "" for missing and fills in its default.
  if (field.value === '' || values.includes(field.value as string)) return
  const expected = values.length > 12 ? `one of ${values.length} names` : `one of ${values.join(', ')}`
  field.error(`expected ${expected}`, { got: true, hint: didYouMean(String(field.value), values) })
}

function checkList(field: Field, type: ListType): void {
  if (!Array.isArray(field.value)) {
    field.error('expected a list', { got: true, hint: 'begin each item with "- "' })
    return
  }
  for (const item of field.items) {
    const isEmptyMap = item.value === null && type.item.is === 'model'
    if (isEmptyMap || !isFine(item.value, type.item)) checkType(item, type.item)
  }
  if (type.set || type.keys.length > 0) reportDuplicates(field, type)
}

function reportDuplicates(field: Field, { set, keys }: ListType): void {
  const seen = new Map<string, Field>()
  for (const item of field.items) {
    const parts = set
      ? [item.value]
      : keys.map(({ name, fallback }) => valueOr(item.at(name).value, fallback))
    if (parts.every((part) => part === undefined)) continue
    const identity = parts.map(String).join(' ')
    const first = seen.get(identity)
    seen.set(identity, item)
    if (!first) continue
    const names = set ? '' : `${keys.map(({ name }) => name).join(' and ')} `
    item.error(`${names}${identity} is already in ${first.path}`, { hint: 'remove one of the two' })
  }
}

const valueOr = (value: unknown, fallback: unknown) => (value === undefined ? fallback : value)

function reportUnknown(field: Field, model: ModelType): void {
  field.error('unknown field', { hint: unknownHint(field, model) })
}
