import type { ApiClient } from '../../api/client.ts'
import type { KubernetesObject } from '../../manifest/object.ts'

/** A Node as far as an upgrade looks at it. */
export interface LiveNode extends KubernetesObject {
  spec?: { unschedulable?: boolean }
  status?: {
    nodeInfo?: { kubeletVersion?: string }
    conditions?: { type: string; status: string; message?: string }[]
  }
}

/** On a node that takes no new pods because of an upgrade: what somebody else has cordoned stays so. */
const mark = 'metaltasks/upgrading'

const mergePatch = 'application/merge-patch+json'

/** Whether it was cordoned for an upgrade that has not come to its end. */
export function isOurs({ metadata }: LiveNode): boolean {
  return metadata.annotations?.[mark] !== undefined
}

/** Keeps new pods off a node, and remembers that it was us; one that takes none already is left as it is. */
export async function cordon(client: Pick<ApiClient, 'get' | 'patch'>, name: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name }
  const live = (await client.get(ref)) as LiveNode | undefined
  if (live?.spec?.unschedulable) return
  const body = { metadata: { annotations: { [mark]: 'true' } }, spec: { unschedulable: true } }
  await client.patch(ref, body, mergePatch, { idempotent: true })
}

/** Lets new pods onto a node that was cordoned for the upgrade. */
export async function uncordon(client: Pick<ApiClient, 'get' | 'patch'>, name: string): Promise<void> {
  const ref = { apiVersion: 'v1', kind: 'Node', name }
  const live = (await client.get(ref)) as LiveNode | undefined
  if (!live || !isOurs(live)) return
  const body = { metadata: { annotations: { [mark]: null } }, spec: { unschedulable: null } }
  await client.patch(ref, body, mergePatch, { idempotent: true })
}
