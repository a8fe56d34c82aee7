import type { ApiClient } from '../../../api/client.ts'
import type { Change, Wave } from '../../../cli/change.ts'
import { errorFindings } from '../../../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../../../cli/errors.ts'
import { cordonChange } from './cordon.ts'
import { type DrainOptions, evictAll, refuseUnowned } from './evict.ts'
import { type Pod, podTitle } from './pod.ts'
import { isReady, podsOn, readNode } from './read-pods.ts'
import { drainRemarks } from './remarks.ts'

/**
 * Empties a node: no new pods, then evictions as budgets allow. Pods of DaemonSets and of the machine itself stay. No
 * waves where that is so already. A TaskError where the cluster has no such node.
 */
export async function planDrain(
  client: ApiClient,
  { signal, ...options }: DrainOptions & { signal: AbortSignal },
): Promise<{ waves: Wave[]; findings: Finding[] }> {
  const { node } = options
  const live = await readNode(client, { node, signal })
  if (!live) throw new TaskError(`the cluster has no node ${node}`, { hint: 'kubectl get nodes' })
  const { leaving } = await podsOn(client, { node, signal })
  const findings = await drainRemarks(client, { node, leaving, signal })
  if (!isReady(live) && leaving.length > 0)
    findings.push({
      severity: 'warning',
      message: `${node} does not report: nothing ends its pods there until it does`,
      hint: `a machine that is gone is taken out: tasks node:remove ${node}`,
    })
  const changes = [
    ...(live.spec?.unschedulable ? [] : [cordonChange(client, node)]),
    ...(leaving.length > 0 ? [evictionChange(client, { leaving, options })] : []),
  ]
  return { waves: changes.map((change) => ({ changes: [change], parallel: 1 })), findings }
}

function evictionChange(
  client: ApiClient,
  { leaving, options }: { leaving: Pod[]; options: DrainOptions },
): Change {
  const { node } = options
  const blocked = blockedBy(leaving, options)
  return {
    action: 'delete',
    target: `pods on ${node}`,
    title: `evict ${leaving.length} pod${leaving.length === 1 ? '' : 's'} from ${node}`,
    before: leaving.map(podTitle),
    after: [],
    lane: node,
    ...(blocked && { blocked }),
    run: (progress) => evictAll(client, options, progress),
    async verify({ signal }) {
      const left = (await podsOn(client, { node, signal })).leaving.map(podTitle)
      if (left.length > 0)
        throw new TaskError(`pods came back to ${node}: ${left.join(', ')}`, {
          hint: 'something schedules them there by name; run the same command again',
        })
    },
  }
}

function blockedBy(leaving: Pod[], options: DrainOptions): Finding | undefined {
  try {
    refuseUnowned(leaving, options)
    return undefined
  } catch (error) {
    return errorFindings(error)[0]
  }
}
