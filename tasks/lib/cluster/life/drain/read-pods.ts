import type { ApiClient } from '../../../api/client.ts'
import type { Resource } from '../../../api/resource.ts'
import { TaskError } from '../../../cli/errors.ts'
import type { KubernetesObject } from '../../../manifest/object.ts'
import { fateOf, type Pod } from './pod.ts'

/** The pods on a node: those that leave it and those that stay. */
export async function podsOn(
  client: ApiClient,
  { node, signal }: { node: string; signal: AbortSignal },
): Promise<{ leaving: Pod[]; staying: Pod[] }> {
  const resource = await resourceOf(client, { apiVersion: 'v1', kind: 'Pod' })
  const { items } = await client.list(resource, { fieldSelector: `spec.nodeName=${node}`, signal })
  const pods = items as unknown as Pod[]
  return {
    leaving: pods.filter((pod) => fateOf(pod).kind === 'leaves'),
    staying: pods.filter((pod) => fateOf(pod).kind === 'stays'),
  }
}

/** The kind as the server offers it. */
export async function resourceOf(
  client: ApiClient,
  { apiVersion, kind }: { apiVersion: string; kind: string },
): Promise<Resource> {
  const resource = (await client.discovery()).find(apiVersion, kind)
  if (!resource) throw new TaskError(`API server ${client.server} does not offer ${kind} of ${apiVersion}`)
  return resource
}

/** A Node as the cluster has it, or undefined. */
export function readNode(
  client: ApiClient,
  { node, signal }: { node: string; signal: AbortSignal },
): Promise<LiveNode | undefined> {
  return client.get({ apiVersion: 'v1', kind: 'Node', name: node }, { signal }) as Promise<
    LiveNode | undefined
  >
}

export interface LiveNode extends KubernetesObject {
  spec?: { unschedulable?: boolean }
  status?: { conditions?: { type: string; status: string }[] }
}

/** Its kubelet reports: only then a pod can end there in good order. */
export function isReady({ status }: LiveNode): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
}
