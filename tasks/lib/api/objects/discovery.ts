import { TaskError } from '../../cli/errors.ts'
import type { Requester } from '../http/request.ts'
import { apiVersionOf, type Resource } from '../resource.ts'
import { listedResources } from './discovery-lists.ts'

/** The kinds that a server offers. */
export interface Discovery {
  find(apiVersion: string, kind: string): Resource | undefined
  all(): Resource[]
  /** Asks the server again: a CRD was created or went. */
  refresh(): Promise<void>
  /** Asks again unless the last answer is a second old or younger. */
  refreshIfOld(): Promise<void>
}

interface AggregatedResource {
  resource: string
  responseKind?: { group?: string; version?: string; kind?: string }
  scope: 'Namespaced' | 'Cluster'
  verbs?: string[]
  shortNames?: string[]
}

interface AggregatedList {
  kind: string
  items: {
    metadata?: { name?: string }
    versions: { version: string; resources?: AggregatedResource[] }[]
  }[]
}

const accept = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',')

/** Reads what the server offers: two requests, or one for each group version where it is too old for that. */
export async function createDiscovery(requester: Pick<Requester, 'request'>): Promise<Discovery> {
  let resources = new Map<string, Resource>()
  let reading: Promise<void> | undefined
  let readAt = 0

  async function read(): Promise<void> {
    const lists = await Promise.all(['/api', '/apis'].map((path) => readRoot(requester, path)))
    resources = new Map(
      lists.flat().map((resource) => [keyOf(apiVersionOf(resource), resource.kind), resource]),
    )
  }

  function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = undefined
      readAt = Date.now()
    })
    return reading
  }

  await refresh()
  return {
    find: (apiVersion, kind) => resources.get(keyOf(apiVersion, kind)),
    all: () => [...resources.values()],
    refresh,
    refreshIfOld: async () => (reading || Date.now() - readAt > 1000 ? refresh() : undefined),
  }
}

function keyOf(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`
}

async function readRoot(requester: Pick<Requester, 'request'>, path: string): Promise<Resource[]> {
  const answer = await requester.request<AggregatedList>('GET', path, { accept })
  if (typeof answer !== 'object') {
    throw new TaskError(`what answers ${path} is not an API server`, {
      hint: 'correct server in the kubeconfig: kubectl config view',
    })
  }
  if (answer.kind !== 'APIGroupDiscoveryList') return listedResources(requester, { path, answer })
  return answer.items.flatMap(({ metadata, versions }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.map((resource) => aggregated(resource, { group: metadata?.name ?? '', version })),
    ),
  )
}

function aggregated(
  { resource, responseKind, scope, verbs = [], shortNames = [] }: AggregatedResource,
  { group, version }: { group: string; version: string },
): Resource {
  const kind = responseKind?.kind ?? ''
  return { group, version, kind, name: resource, namespaced: scope === 'Namespaced', verbs, shortNames }
}
