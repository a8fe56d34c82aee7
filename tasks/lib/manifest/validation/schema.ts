import { type ModelType, typeReader } from './schema-types.ts'
import table134 from './schemas/kubernetes-1.34.generated.json' with { type: 'json' }
import table135 from './schemas/kubernetes-1.35.generated.json' with { type: 'json' }
import table136 from './schemas/kubernetes-1.36.generated.json' with { type: 'json' }

/** The types of one Kubernetes minor, as scripts/generate-schemas.ts writes them. */
export interface SchemaTable {
  /** The server it was read from: "1.36.3". */
  kubernetesVersion: string
  /** "apps/v1 Deployment" → "*apps.v1.Deployment"; the star says that it lives in namespaces. */
  kinds: Record<string, string>
  /** Model → field → type in the notation of schema-types.ts. A field name that ends in "!" is required. */
  models: Record<string, Record<string, string>>
}

/** What one minor knows of a built-in kind. */
export interface KindSchema {
  model: ModelType
  namespaced: boolean
}

/** The built-in kinds of one Kubernetes minor. */
export interface Schemas {
  /** "1.36" */
  minor: string
  kind(apiVersion: string, kind: string): KindSchema | undefined
  /** A model by its name, as "meta.v1.ObjectMeta". */
  model(name: string): ModelType
  /** "apps/v1 Deployment" of every kind. */
  kinds: string[]
}

const tables: SchemaTable[] = [table134, table135, table136]
const cache = new Map<string, Schemas>()

/** The minors that have a table, oldest first: "1.34". */
export const knownMinors = tables.map((table) => minorOf(table.kubernetesVersion))

/** The kinds of a version: its own minor's, else those of the nearest minor that has a table. */
export function schemasFor(kubernetesVersion: string): Schemas {
  const wanted = minorNumber(kubernetesVersion)
  const distance = (table: SchemaTable) => Math.abs(minorNumber(table.kubernetesVersion) - wanted)
  const nearest = tables.reduce((best, table) => (distance(table) < distance(best) ? table : best))
  const minor = minorOf(nearest.kubernetesVersion)
  const schemas = cache.get(minor) ?? readTable(nearest, minor)
  cache.set(minor, schemas)
  return schemas
}

/** "1.36.3" → "1.36" */
export function minorOf(kubernetesVersion: string): string {
  return kubernetesVersion.split('.').slice(0, 2).join('.')
}

/** "1.36.3" → 36 */
export function minorNumber(kubernetesVersion: string): number {
  return Number(kubernetesVersion.split('.')[1])
}

function readTable(table: SchemaTable, minor: string): Schemas {
  const readModel = typeReader(table.models)
  const kinds = new Map(
    Object.entries(table.kinds).map(([key, name]) => {
      const namespaced = name.startsWith('*')
      return [key, { name: name.slice(namespaced ? 1 : 0), namespaced }]
    }),
  )
  return {
    minor,
    kinds: [...kinds.keys()],
    model: readModel,
    kind(apiVersion, kind) {
      const found = kinds.get(`${apiVersion} ${kind}`)
      return found && { model: readModel(found.name), namespaced: found.namespaced }
    },
  }
}
