import type { ApiClient } from '../api/client.ts'
import type { Change, Check, Progress, Step } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import type { ClusterNode } from '../config/model.ts'
import { hasKubelet } from '../config/nodes.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import { labelLines, labelManager, labelPatch, ownedLabels, wantedLabels } from './node-labels.ts'

/**
 * Labels on the nodes that the cluster has; a configured node that has not joined yet is named and left out. Hosts of
 * etcd alone never join.
 */
export async function nodeLabelsStep(
  client: ApiClient,
  { nodes, progress }: { nodes: ClusterNode[]; progress: Progress },
): Promise<Step> {
  const discovery = await client.discovery()
  const { items } = await client.list(discovery.find('v1', 'Node')!, { signal: progress.signal })
  const live = new Map(items.map((node) => [node.metadata.name, node]))
  const changes: Change[] = []
  const unchanged: Check[] = []
  for (const node of nodes.filter(hasKubelet)) {
    const found = live.get(node.name)
    const patch = found && labelPatch(node, found)
    if (found && patch) changes.push(labelChange(client, { node, live: found, patch }))
    else unchanged.push(found ? labelled(node.name) : missing(node))
  }
  const waves = changes.length > 0 ? [{ changes, parallel: 8 }] : []
  return { name: 'node-labels', title: 'Node labels', waves, unchanged }
}

interface LabelChange {
  node: ClusterNode
  live: KubernetesObject
  patch: KubernetesObject
}

function labelChange(client: ApiClient, { node, live, patch }: LabelChange): Change {
  const wanted = wantedLabels(node)
  const present = live.metadata.labels ?? {}
  const keys = new Set([...Object.keys(wanted), ...ownedLabels(live)])
  return {
    action: 'update',
    target: `Node ${node.name}`,
    title: `label Node ${node.name}`,
    before: labelLines(present, keys),
    after: labelLines(wanted, keys),
    source: node.place,
    // Labels that kubelet or kubeadm set to another value are taken over: the configuration names the value.
    run: async ({ signal }) => {
      await client.apply(patch, { fieldManager: labelManager, force: true, signal })
    },
    verify: async () => {},
  }
}

function labelled(name: string): Check {
  return { target: `Node ${name}`, verify: async () => {} }
}

function missing(node: ClusterNode): Check {
  const verify = async () => {
    throw new TaskError(`node ${node.name} is configured but not part of the cluster`, {
      ...node.place,
      hint: 'see what the cluster has: kubectl get nodes',
    })
  }
  return { target: `Node ${node.name}`, verify }
}
