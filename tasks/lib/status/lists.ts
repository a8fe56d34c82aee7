import type { ApiClient } from '../api/client.ts'
import { isForbidden, isNotFound } from '../api/errors.ts'
import type { ListOptions } from '../api/objects/list.ts'
import type { Observed } from '../api/objects/observed.ts'
import type { Finding } from '../cli/errors.ts'

const kinds = {
  nodes: ['v1', 'Node'],
  pods: ['v1', 'Pod'],
  services: ['v1', 'Service'],
  volumes: ['v1', 'PersistentVolume'],
  claims: ['v1', 'PersistentVolumeClaim'],
  controllers: ['v1', 'ReplicationController'],
  deployments: ['apps/v1', 'Deployment'],
  statefulSets: ['apps/v1', 'StatefulSet'],
  daemonSets: ['apps/v1', 'DaemonSet'],
  replicaSets: ['apps/v1', 'ReplicaSet'],
  jobs: ['batch/v1', 'Job'],
  storageClasses: ['storage.k8s.io/v1', 'StorageClass'],
} as const

// Only the events that are read: a busy cluster has thousands of others.
const events = {
  refusals: 'reason=FailedCreate',
  claimEvents: 'involvedObject.kind=PersistentVolumeClaim',
} as const

/** Every object that the status is read from. */
export type Lists = Record<keyof typeof kinds | keyof typeof events, Observed[]>

/** Lists all kinds side by side. What this user may not list is left out and named in a warning. */
export async function readLists(
  client: ApiClient,
  signal: AbortSignal,
): Promise<{ lists: Lists; findings: Finding[] }> {
  const findings: Finding[] = []
  const read = async (apiVersion: string, kind: string, options: ListOptions = {}) => {
    const resource = (await client.discovery()).find(apiVersion, kind)
    if (!resource) return []
    try {
      return (await client.list(resource, { ...options, signal })).items
    } catch (error) {
      if (isNotFound(error)) return []
      if (!isForbidden(error)) throw error
      findings.push(unread(kind))
      return []
    }
  }
  const ofKinds = Object.entries(kinds).map(async ([name, [apiVersion, kind]]) => [
    name,
    await read(apiVersion, kind),
  ])
  const ofEvents = Object.entries(events).map(async ([name, fieldSelector]) => [
    name,
    await read('v1', 'Event', { fieldSelector }),
  ])
  return { lists: Object.fromEntries(await Promise.all([...ofKinds, ...ofEvents])), findings }
}

function unread(kind: string): Finding {
  return {
    severity: 'warning',
    message: `this user may not list objects of kind ${kind}: they are left out`,
    hint: 'use the kubeconfig of an administrator to see all',
  }
}
