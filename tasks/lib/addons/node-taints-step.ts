import type { ApiClient } from '../api/client.ts'
import type { Change, Progress, Step } from '../cli/change.ts'
import type { ClusterNode } from '../config/model.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import { taintLines, taintsOf, wantedTaints } from './node-taints.ts'

/** Taints on the nodes that the cluster has; one that has not joined yet gets its own when it does. */
export async function nodeTaintsStep(
  client: Pick<ApiClient, 'discovery' | 'list' | 'patch'>,
  { nodes, progress }: { nodes: ClusterNode[]; progress: Progress },
): Promise<Step> {
  const discovery = await client.discovery()
  const { items } = await client.list(discovery.find('v1', 'Node')!, { signal: progress.signal })
  const changes = nodes.flatMap((node) => {
    const live = items.find(({ metadata }) => metadata.name === node.name)
    return live ? taintChange(client, { node, live }) : []
  })
  const waves = changes.length > 0 ? [{ changes, parallel: 8 }] : []
  return { name: 'node-taints', title: 'Node taints', waves, unchanged: [] }
}

function taintChange(
  client: Pick<ApiClient, 'patch'>,
  { node, live }: { node: ClusterNode; live: KubernetesObject },
): Change[] {
  const present = taintsOf(live)
  const taints = wantedTaints(node, present)
  const [before, after] = [taintLines(present), taintLines(taints)]
  if (before.join() === after.join()) return []
  const { name, resourceVersion } = live.metadata
  return [
    {
      action: 'update',
      target: `taints of Node ${name}`,
      title: `taint Node ${name}`,
      before,
      after,
      source: node.place,
      // The list is written as a whole: the server refuses it where it has changed meanwhile.
      run: async () => {
        const body = { metadata: { resourceVersion }, spec: { taints } }
        await client.patch({ apiVersion: 'v1', kind: 'Node', name }, body, 'application/merge-patch+json')
      },
      verify: async () => {},
    },
  ]
}
