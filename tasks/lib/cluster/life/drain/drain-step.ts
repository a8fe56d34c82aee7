import type { ApiClient } from '../../../api/client.ts'
import type { Check, Step } from '../../../cli/change.ts'
import { type Finding, TaskError } from '../../../cli/errors.ts'
import { uncordonChange } from './cordon.ts'
import type { DrainOptions } from './evict.ts'
import { planDrain } from './plan-drain.ts'
import { readNode } from './read-pods.ts'

/** The one step of node:drain, in either direction. */
export async function drainStep(
  client: ApiClient,
  { undo, signal, ...options }: DrainOptions & { undo: boolean; signal: AbortSignal },
): Promise<{ step: Step; findings: Finding[] }> {
  const { node } = options
  const title = undo ? `Let pods onto ${node}` : `Move pods off ${node}`
  const { waves, findings } = undo
    ? await planUndo(client, { node, signal })
    : await planDrain(client, { ...options, signal })
  const unchanged: Check[] = waves.length > 0 ? [] : [{ target: `Node ${node}`, verify: async () => {} }]
  return { step: { name: 'drain', title, waves, unchanged }, findings }
}

async function planUndo(client: ApiClient, { node, signal }: { node: string; signal: AbortSignal }) {
  const live = await readNode(client, { node, signal })
  if (!live) throw new TaskError(`the cluster has no node ${node}`, { hint: 'kubectl get nodes' })
  const changes = live.spec?.unschedulable ? [uncordonChange(client, node)] : []
  return { waves: changes.length > 0 ? [{ changes, parallel: 1 }] : [], findings: [] }
}
