import type { Cluster, ClusterNode } from '../config/model.ts'
import { firstLabel } from '../config/nodes.ts'
import { directories, type WantedDirectories } from '../node/directories/directories.ts'
import type { GroundOptions } from '../node/directories/ground.ts'
import { quotas } from '../node/quota/quotas.ts'
import type { Resource } from '../node/resource.ts'
import { quantityBytes } from '../node/volumes/size.ts'
import { volumesOfNode } from '../node/volumes/volume.ts'
import { type LocalVolume, volumesOf } from './persistent-volumes.ts'

export interface NodeDirectoriesOptions {
  cluster: Cluster
  /** K8S_VOLUMES_PATH */
  volumesPath: string
  /** An earlier step of the same plan mounts the node's volumes. */
  mountedBefore?: boolean
}

/** What has to hold on a node before its PersistentVolumes can be used: their directories, and what each may hold. */
export function nodeDirectories(node: ClusterNode, options: NodeDirectoriesOptions): Resource[] {
  const volumes = volumesOf(node, options.cluster, options.volumesPath)
  if (volumes.length === 0) return []
  const ground = groundOptions(node, options)
  const limits = volumes.map(({ path, size }) => ({ path, bytes: quantityBytes(size) }))
  return [
    directories(wantedDirectories(volumes, options.volumesPath), ground),
    quotas(limits, { ...ground, folder: options.volumesPath }),
  ]
}

/** The directories behind these volumes, and the pools around them. */
export function wantedDirectories(volumes: LocalVolume[], volumesPath: string): WantedDirectories {
  // Nobody but root looks into a pool; each volume's own directory belongs to the pod that gets it.
  const pools = new Set(volumes.map(({ group }) => group).filter((group) => group.startsWith('pool-')))
  return {
    folder: volumesPath,
    paths: volumes.map(({ path }) => path),
    closed: [...pools].map((pool) => `${volumesPath}/${pool}`),
  }
}

/** What the configuration says of the file systems of a node. */
export function groundOptions(
  node: ClusterNode,
  { cluster, mountedBefore }: Pick<NodeDirectoriesOptions, 'cluster' | 'mountedBefore'>,
): GroundOptions {
  return {
    node: firstLabel(node.name),
    volumes: volumesOfNode(node, cluster),
    onRootDisk: cluster.volumesOnRootDisk,
    mountedBefore,
  }
}
