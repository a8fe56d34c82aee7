import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import type { Observed, ReadinessContext } from '../objects/observed.ts'
import type { PodFeeds } from './workload-pods.ts'

/**
 * For a PersistentVolumeClaim whose StorageClass binds on first use: tells, from the pods of the moment, whether
 * anything uses it. For everything else there is nothing to tell.
 */
export async function claimContext(
  client: ApiClient,
  object: KubernetesObject | undefined,
): Promise<(pods: PodFeeds) => ReadinessContext> {
  const className = object?.kind === 'PersistentVolumeClaim' && (object as Observed).spec?.storageClassName
  if (!object || !className) return () => ({})
  const storageClass = await client.get({
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    name: className,
  })
  if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') return () => ({})
  return ({ pods }) => ({ waitsForConsumer: !isUsed(object.metadata.name, pods?.objects.values() ?? []) })
}

function isUsed(claim: string, pods: Iterable<{ object: KubernetesObject }>): boolean {
  for (const { object } of pods) {
    const volumes: { persistentVolumeClaim?: { claimName?: string } }[] =
      (object as Observed).spec?.volumes ?? []
    if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim)) return true
  }
  return false
}
