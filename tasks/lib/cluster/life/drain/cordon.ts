import type { ApiClient } from '../../../api/client.ts'
import type { Change } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import { readNode } from './read-pods.ts'

/** Keeps new pods off a node. */
export function cordonChange(client: ApiClient, node: string): Change {
  return schedulingChange(client, { node, isClosed: true })
}

/** Lets new pods onto a node again. */
export function uncordonChange(client: ApiClient, node: string): Change {
  return schedulingChange(client, { node, isClosed: false })
}

function schedulingChange(
  client: ApiClient,
  { node, isClosed }: { node: string; isClosed: boolean },
): Change {
  const line = (closed: boolean) => [closed ? 'takes no new pods' : 'takes new pods']
  return {
    action: 'update',
    target: `Node ${node}`,
    title: `${isClosed ? 'cordon' : 'uncordon'} Node ${node}`,
    before: line(!isClosed),
    after: line(isClosed),
    lane: node,
    async run({ signal }) {
      const ref = { apiVersion: 'v1', kind: 'Node', name: node }
      const body = { spec: { unschedulable: isClosed ? true : null } }
      await client.patch(ref, body, 'application/merge-patch+json', { idempotent: true, signal })
    },
    async verify({ signal }) {
      const live = await readNode(client, { node, signal })
      if (!live || Boolean(live.spec?.unschedulable) === isClosed) return
      throw new TaskError(
        `Node ${node} ${isClosed ? 'takes' : 'does not take'} new pods: somebody else changed it`,
        {
          hint: 'run the same command again',
        },
      )
    },
  }
}
