import type { KubernetesObject } from '../../manifest/object.ts'
import type { Scene } from '../sets/scene.ts'

const accountAnnotation = 'kubernetes.io/service-account.name'

/**
 * Why the cluster would delete this object as soon as it is there: a token Secret whose ServiceAccount exists neither
 * on the server nor in this run. Applying it again on every run would help nobody.
 */
export async function shortLived(scene: Scene, object: KubernetesObject): Promise<string | undefined> {
  if (object.kind !== 'Secret' || object.type !== 'kubernetes.io/service-account-token') return undefined
  const name = object.metadata.annotations?.[accountAnnotation]
  const { namespace } = object.metadata
  if (!name) return undefined
  const key = `ServiceAccount|${namespace ?? ''}|${name}`
  if (scene.sets.some(({ members }) => members.has(key))) return undefined
  const account = await scene.client.get({ apiVersion: 'v1', kind: 'ServiceAccount', name, namespace })
  if (account) return undefined
  return `not stored: its ServiceAccount ${name} does not exist, and the cluster would delete it at once`
}
