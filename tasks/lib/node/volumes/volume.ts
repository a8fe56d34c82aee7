import type { Place } from '../../cli/errors.ts'
import type { Cluster, ClusterNode, NodeVolume } from '../../config/model.ts'
import { firstLabel } from '../../config/nodes.ts'
import { quantityBytes } from './size.ts'

/** An encrypted volume of one machine: logical volume, LUKS2, file system, mount. */
export interface Volume extends NodeVolume {
  /** First label of its node, as the key server's folders have it: "kube1". */
  node: string
  cluster: string
  bytes: number
  /** The logical volume: "/dev/vg0/data". */
  device: string
  /** Name of the opened device, as earlier toolkits had it: "luks-data". */
  mapper: string
  /** The opened device: "/dev/mapper/luks-data". */
  opened: string
  place?: Place
}

/** The volumes that the configuration gives a node. */
export function volumesOfNode(node: ClusterNode, cluster: Pick<Cluster, 'name'>): Volume[] {
  return node.volumes.map((volume) => ({
    ...volume,
    path: volume.path.replace(/(?<=.)\/+$/, ''),
    node: firstLabel(node.name),
    cluster: cluster.name,
    bytes: quantityBytes(volume.size),
    device: `/dev/${volume.vg}/${volume.name}`,
    mapper: `luks-${volume.name}`,
    opened: `/dev/mapper/luks-${volume.name}`,
    place: node.place,
  }))
}

/** How a volume's key reaches a program on its machine, without an argument, a variable of its environment or a disk. */
export interface VolumeKey {
  /**
   * Shell on the machine that prints the key's bytes and ends 0, or prints nothing and ends with another code:
   * "/usr/local/sbin/volume-key data", or "cat" for one that comes by stdin.
   */
  read: string
  /** The bytes for stdin, where `read` is "cat". */
  input?(): Promise<Uint8Array>
  /** The bytes for a format, made now where there are none yet. What `input` gives unless told. */
  first?(): Promise<Uint8Array>
}
