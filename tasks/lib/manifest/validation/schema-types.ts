import type { ScalarName } from './scalar-types.ts'

/** The type of a field in a built-in kind. */
export type Type = ScalarType | EnumType | ListType | MapType | ModelType

export interface ScalarType {
  is: 'scalar'
  name: ScalarName
}
export interface EnumType {
  is: 'enum'
  values: string[]
}
export interface ListType {
  is: 'list'
  item: Type
  /** No value may stand in it twice. */
  set: boolean
  /** The fields that tell the items apart, with the value that the server fills in. */
  keys: { name: string; fallback?: string }[]
}
export interface MapType {
  is: 'map'
  value: Type
}
export interface ModelType {
  is: 'model'
  name: string
  fields: Map<string, Type>
  required: string[]
}

/**
 * Reads the notation of the tables, each model when it is first asked for:
 * "string" a scalar, "=A|B" one of these, "[T]" a list, "[T]set" one without duplicates, "[T]a,b=X" one whose items
 * differ in a and b, "{T}" a map, anything with dots a model.
 */
export function typeReader(models: Record<string, Record<string, string>>): (name: string) => ModelType {
  const read = new Map<string, ModelType>()
  const readModel = (name: string): ModelType => {
    const known = read.get(name)
    if (known) return known
    const model: ModelType = { is: 'model', name, fields: new Map(), required: [] }
    read.set(name, model)
    for (const [key, text] of Object.entries(models[name] ?? {})) {
      const field = key.replace(/!$/, '')
      if (field !== key) model.required.push(field)
      model.fields.set(field, readType(text, readModel))
    }
    return model
  }
  return readModel
}

function readType(text: string, readModel: (name: string) => ModelType): Type {
  if (text.startsWith('=')) return { is: 'enum', values: text.slice(1).split('|') }
  if (text.startsWith('{')) return { is: 'map', value: readType(text.slice(1, -1), readModel) }
  if (text.startsWith('[')) return readList(text, readModel)
  if (!text.includes('.')) return { is: 'scalar', name: text as ScalarName }
  return readModel(text)
}

function readList(text: string, readModel: (name: string) => ModelType): ListType {
  const end = text.lastIndexOf(']')
  const rest = text.slice(end + 1)
  const keys = rest === 'set' || rest === '' ? [] : rest.split(',')
  return {
    is: 'list',
    item: readType(text.slice(1, end), readModel),
    set: rest === 'set',
    keys: keys.map((key) => {
      const [name, fallback] = key.split('=')
      return { name: name!, fallback }
    }),
  }
}
