import type { FormatName } from '../variables/formats.ts'

interface Described {
  summary: string
  required?: boolean
  /** The variable that holds the same; the stronger of the two counts. */
  variable?: string
}

export interface ScalarField extends Described {
  type: 'text' | 'integer' | 'boolean'
  format?: FormatName
  choices?: readonly string[]
  minimum?: number
  maximum?: number
}

export interface MapField extends Described {
  type: 'map'
  fields: Readonly<Record<string, Field>>
  /** A bare value stands for a map with only this field. */
  shorthand?: string
}

export interface ListField extends Described {
  type: 'list'
  items: Field
}

export interface DictionaryField extends Described {
  type: 'dictionary'
  keys: FormatName
  values: ScalarField
}

/** Anything that YAML can say, as the settings of an add-on. */
export interface FreeField extends Described {
  type: 'free'
}

export type Field = ScalarField | MapField | ListField | DictionaryField | FreeField
