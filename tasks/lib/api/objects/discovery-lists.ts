import { ApiError } from '../errors.ts'
import type { Requester } from '../http/request.ts'
import type { Resource } from '../resource.ts'

interface RootAnswer {
  kind: string
  /** APIVersions of /api. */
  versions?: string[]
  /** APIGroupList of /apis. */
  groups?: { name: string; versions: { version: string }[] }[]
}

interface ResourceList {
  resources?: { name: string; kind: string; namespaced: boolean; verbs?: string[]; shortNames?: string[] }[]
}

/** Discovery without aggregation: a list for each group version. One that does not answer offers nothing. */
export async function listedResources(
  requester: Pick<Requester, 'request'>,
  { path, answer }: { path: string; answer: RootAnswer },
): Promise<Resource[]> {
  const groupVersions = [
    ...(answer.versions ?? []).map((version) => ({ group: '', version })),
    ...(answer.groups ?? []).flatMap(({ name, versions }) =>
      versions.map(({ version }) => ({ group: name, version })),
    ),
  ]
  const lists = await Promise.all(
    groupVersions.map(async ({ group, version }) => {
      const list = await readList(requester, [path, group, version].filter((part) => part !== '').join('/'))
      return resourcesOf(list, { group, version })
    }),
  )
  return lists.flat()
}

/** A group served by an APIService whose backend is down answers with 503, one being removed with 404. */
async function readList(requester: Pick<Requester, 'request'>, path: string): Promise<ResourceList> {
  try {
    return await requester.request<ResourceList>('GET', path)
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status >= 500)) return {}
    throw error
  }
}

/** Without subresources such as "pods/log". */
function resourcesOf(
  { resources = [] }: ResourceList,
  { group, version }: { group: string; version: string },
): Resource[] {
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs = [], shortNames = [] }) => ({
      ...{ group, version, kind, name, namespaced, verbs, shortNames },
    }))
}
