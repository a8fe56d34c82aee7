import { createHash } from 'node:crypto'
import type { Cluster, ClusterNode } from '../config/model.ts'
import { firstLabel } from '../config/nodes.ts'

/** One directory of one node that is offered as a PersistentVolume. */
export interface LocalVolume {
  /** The PersistentVolume's name: "kube1-pv-500mi-0001". */
  name: string
  node: string
  /** What a claim selects by the label volume.group: "pool-s", or the volume's own name. */
  group: string
  /** Eight hex digits, the same on every run: of the node and the path. */
  id: string
  size: string
  path: string
}

/** Every directory that the cluster's nodes offer, in the order of nodes, pools and names. Pure. */
export function localVolumes(cluster: Cluster, volumesPath: string): LocalVolume[] {
  return cluster.nodes.filter(offersVolumes).flatMap((node) => volumesOf(node, cluster, volumesPath))
}

/** The directories of one node. */
export function volumesOf(node: ClusterNode, cluster: Cluster, volumesPath: string): LocalVolume[] {
  const pooled = cluster.pools.flatMap((pool) =>
    Array.from({ length: pool.count }, (_, index) => {
      const directory = `pv-${pool.size}-${String(index + 1).padStart(4, '0')}`
      const group = `pool-${pool.name.charAt(0)}`
      return localVolume({
        node,
        group,
        size: pool.size,
        directory,
        path: `${volumesPath}/${group}/${directory}`,
      })
    }),
  )
  const named = cluster.namedVolumes.map(({ name, size }) =>
    localVolume({ node, group: name, size, directory: name, path: `${volumesPath}/${name}` }),
  )
  return [...pooled, ...named]
}

function localVolume(volume: {
  node: ClusterNode
  group: string
  size: string
  directory: string
  path: string
}) {
  const { node, group, size, directory, path } = volume
  return {
    name: `${firstLabel(node.name)}-${directory.toLowerCase()}`,
    node: node.name,
    group,
    id: createHash('sha256').update(`${node.name}\n${path}`).digest('hex').slice(0, 8),
    size,
    path,
  }
}

/** Whether a node has PersistentVolumes: where only etcd or the control plane is, nothing that claims one runs. */
export function offersVolumes(node: ClusterNode): boolean {
  return node.roles.includes('worker')
}
