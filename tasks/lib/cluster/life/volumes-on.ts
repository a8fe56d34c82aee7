import type { ApiClient } from '../../api/client.ts'
import type { Finding } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import { resourceOf } from './drain/read-pods.ts'

/** What is said of PersistentVolumes that only one node has, when that node goes. */
export async function volumesOn(
  client: ApiClient,
  { node, signal }: { node: string; signal: AbortSignal },
): Promise<Finding[]> {
  const resource = await resourceOf(client, { apiVersion: 'v1', kind: 'PersistentVolume' })
  const { items } = await client.list(resource, { signal })
  const names = items.filter((volume) => isOnly(volume, node)).map(({ metadata }) => metadata.name)
  if (names.length === 0) return []
  const message = `PersistentVolumes that only ${node} has stay in the API, and what they hold on its machine: ${names.join(', ')}`
  return [{ severity: 'warning', message, hint: 'pods that claim them wait until it is back' }]
}

interface LocalVolume extends KubernetesObject {
  spec?: { nodeAffinity?: { required?: { nodeSelectorTerms?: Term[] } } }
}

interface Term {
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

function isOnly({ spec }: LocalVolume, node: string): boolean {
  const terms = spec?.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return terms.some(({ matchExpressions = [] }) =>
    matchExpressions.some(
      ({ key, operator, values = [] }) =>
        key === 'kubernetes.io/hostname' && operator === 'In' && values.includes(node),
    ),
  )
}
