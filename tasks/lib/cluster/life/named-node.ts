import type { ClusterNode, Config } from '../../config/model.ts'
import { nodeNamed, nodesMatching } from '../../config/nodes.ts'

/**
 * The node of that name in the configuration; one that has left it already is known by its name alone, so that what
 * the cluster still has of it can be taken away.
 */
export function namedNode(config: Config, name: string): ClusterNode {
  if (nodesMatching(config.cluster.nodes, name).length > 0) return nodeNamed(config, name)
  return { name, roles: [], labels: {}, taints: [], volumes: [] }
}
