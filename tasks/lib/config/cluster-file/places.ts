import type { Place } from '../../cli/errors.ts'
import type { Config } from '../model.ts'

/** What the checks look at: the built configuration and where cluster.yaml says what. */
export interface Checked {
  config: Config
  /** By path in cluster.yaml, "nodes[0].address". */
  places: ReadonlyMap<string, Place>
  /** Variables that hold a reference to an unset one. */
  broken: ReadonlySet<string>
}

/** Where a variable's value stands; nothing for a default. */
export function placeOfVariable({ config }: Checked, name: string): Partial<Place> {
  return config.variables.get(name)?.place ?? {}
}

/** True when the value that counts was written in cluster.yaml. */
export function isFromClusterFile({ config }: Checked, name: string): boolean {
  return config.variables.get(name)?.origin.startsWith('cluster.yaml:') ?? false
}

/** Where a field of the node with this index stands, or else the node. */
export function placeOfNode(checked: Checked, at: { index: number; field: string }): Partial<Place> {
  const place = isFromClusterFile(checked, 'K8S_NODES')
    ? checked.places.get(`nodes[${at.index}].${at.field}`)
    : undefined
  return place ?? checked.config.cluster.nodes[at.index]!.place ?? {}
}
