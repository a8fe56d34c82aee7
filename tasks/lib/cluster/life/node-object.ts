import type { ApiClient } from '../../api/client.ts'
import type { Change } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { LiveNode } from './drain/read-pods.ts'

/** Takes a Node out of the API; only the one that was looked at, never another of its name. */
export function nodeRemoval(client: ApiClient, live: LiveNode): Change {
  const { name } = live.metadata
  const uid = String(live.metadata.uid)
  const ref = { apiVersion: 'v1', kind: 'Node', name }
  return {
    action: 'delete',
    target: `Node ${name}`,
    title: `delete Node ${name}`,
    before: [`Node ${name}, uid ${uid}`],
    after: [],
    lane: name,
    basis: uid,
    async run({ signal }) {
      await client.remove(ref, { uid, signal })
    },
    async verify({ signal }) {
      const found = await client.get(ref, { signal })
      if (found?.metadata.uid === uid)
        throw new TaskError(`Node ${name} is still there`, { hint: `kubectl get node ${name} -o yaml` })
    },
  }
}
