import type { Finding } from '../../cli/errors.ts'
import { missingDependency } from '../apply/dependencies.ts'
import { suggestKind } from '../objects/kind-hint.ts'
import type { Desired } from '../sets/desired.ts'
import type { Scene } from '../sets/scene.ts'

/** What an object to be created lacks on this server: its kind, its namespace, or what it depends on. */
export async function missingBasis(scene: Scene, desired: Desired): Promise<Finding | undefined> {
  return (
    (await missingKind(scene, desired)) ??
    (await missingNamespace(scene, desired)) ??
    (await missingDependency(scene, desired))
  )
}

async function missingKind({ client }: Scene, desired: Desired): Promise<Finding | undefined> {
  const { apiVersion, kind } = desired.object
  if (desired.resource || desired.isComing) return undefined
  return {
    severity: 'error',
    message: `${desired.title}: the server has no kind ${kind} in ${apiVersion}`,
    hint: await suggestKind(client, desired.object),
    ...desired.entry.source,
  }
}

async function missingNamespace(scene: Scene, desired: Desired): Promise<Finding | undefined> {
  const { metadata } = desired.object
  if (!metadata.namespace || scene.namespaces.has(metadata.namespace)) return undefined
  const namespace = await scene.namespace(metadata.namespace)
  if (namespace && !namespace.metadata.deletionTimestamp) return undefined
  return {
    severity: 'error',
    message: `${desired.title}: namespace ${metadata.namespace} ${namespace ? 'is being deleted' : 'does not exist'}`,
    hint: `add a Namespace ${metadata.namespace} to the manifest, or: kubectl create namespace ${metadata.namespace}`,
    ...desired.entry.source,
  }
}
