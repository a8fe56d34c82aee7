import type { KubernetesObject } from '../../manifest/object.ts'
import { isExpired } from '../errors.ts'
import type { Requester } from '../http/request.ts'
import { apiVersionOf, type Resource, resourcePath } from '../resource.ts'

export interface ListOptions {
  /** All namespaces unless given. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** Objects in one answer; pages follow until all are there. */
  limit?: number
  /** Only apiVersion, kind and metadata of each. */
  metadataOnly?: boolean
  signal?: AbortSignal
}

export interface ObjectList {
  items: KubernetesObject[]
  /** Where a watch takes over. */
  resourceVersion: string
}

interface ListAnswer {
  metadata: { resourceVersion: string; continue?: string }
  items: KubernetesObject[] | null
}

const metadataAccept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json'

/** All objects of one kind, page by page; each with its apiVersion and kind, which the server leaves out of lists. */
export async function listObjects(
  requester: Pick<Requester, 'request'>,
  { resource, ...options }: ListOptions & { resource: Resource },
): Promise<ObjectList> {
  try {
    return await listPages(requester, { resource, ...options })
  } catch (error) {
    // Pages come from one state of the store, which it keeps for minutes only.
    if (!isExpired(error)) throw error
    return listPages(requester, { resource, ...options })
  }
}

async function listPages(
  requester: Pick<Requester, 'request'>,
  {
    resource,
    namespace,
    labelSelector,
    fieldSelector,
    limit = 500,
    metadataOnly,
    signal,
  }: ListOptions & {
    resource: Resource
  },
): Promise<ObjectList> {
  const path = resourcePath(resource, { namespace })
  const accept = metadataOnly ? metadataAccept : undefined
  const type = { apiVersion: apiVersionOf(resource), kind: resource.kind }
  const items: KubernetesObject[] = []
  for (let token: string | undefined; ; ) {
    const query = { labelSelector, fieldSelector, limit, continue: token }
    const page = await requester.request<ListAnswer>('GET', path, { query, accept, signal })
    for (const item of page.items ?? []) items.push(Object.assign(item, type))
    token = page.metadata.continue
    if (!token) return { items, resourceVersion: page.metadata.resourceVersion }
  }
}
