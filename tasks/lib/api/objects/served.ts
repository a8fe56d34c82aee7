import { TaskError } from '../../cli/errors.ts'
import type { ApiClient } from '../client.ts'
import type { ObjectRef, Resource } from '../resource.ts'

/** How the server serves this kind; asks again for a CustomResourceDefinition that has just come. */
export async function findResource(
  client: ApiClient,
  { apiVersion, kind }: Pick<ObjectRef, 'apiVersion' | 'kind'>,
): Promise<Resource> {
  const discovery = await client.discovery()
  const known = discovery.find(apiVersion, kind)
  if (known) return known
  await discovery.refreshIfOld()
  const found = discovery.find(apiVersion, kind)
  if (found) return found
  throw new TaskError(`the server has no kind ${kind} in ${apiVersion}`, {
    hint: 'apply the manifest that brings its CustomResourceDefinition first',
  })
}
