import type { Finding, Place } from '../../cli/errors.ts'
import type { YamlFile } from './cluster-document.ts'

/** Expands the $NAMES of a text; undefined, and a finding, where one is not set. */
export type Expand = (text: string, place: Place) => string | undefined

/** What a reader of fields shares. */
export interface FieldReader {
  yaml: YamlFile
  expand: Expand
  places: Map<string, Place>
  findings: Finding[]
}

/** Where a reader stands: the path of the field, "nodes[0].address". */
export interface At {
  path: string
  reader: FieldReader
}
