import type { KubernetesObject } from '../object.ts'
import type { JsonSchema } from './structural-schema.ts'

/** A kind that a CustomResourceDefinition declares. */
export interface CustomKind {
  namespaced: boolean
  versions: Map<string, { served: boolean; schema?: JsonSchema }>
}

/** The parts of a CustomResourceDefinition that matter here; all may be missing in one that is wrong itself. */
interface Definition {
  group?: string
  scope?: string
  names?: { kind?: string }
  versions?: { name?: string; served?: boolean; schema?: { openAPIV3Schema?: JsonSchema } }[]
}

/** The custom kinds among objects, by "group Kind". */
export function customKinds(objects: Iterable<KubernetesObject>): Map<string, CustomKind> {
  const kinds = new Map<string, CustomKind>()
  for (const { kind, apiVersion, spec } of objects) {
    if (kind !== 'CustomResourceDefinition' || !String(apiVersion).startsWith('apiextensions.k8s.io/'))
      continue
    const definition = spec as Definition | undefined
    if (!definition?.group || !definition.names?.kind || !Array.isArray(definition.versions)) continue
    kinds.set(`${definition.group} ${definition.names.kind}`, customKind(definition))
  }
  return kinds
}

function customKind({ scope, versions = [] }: Definition): CustomKind {
  const named = versions.filter((version) => typeof version?.name === 'string')
  return {
    namespaced: scope !== 'Cluster',
    versions: new Map(
      named.map((version) => [
        version.name!,
        { served: version.served === true, schema: version.schema?.openAPIV3Schema },
      ]),
    ),
  }
}
