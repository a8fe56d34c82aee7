import type { ClusterNode, Config } from '../config/model.ts'
import type { NodeStep } from '../node/plan/plan-nodes.ts'
import type { Resource } from '../node/resource.ts'
import type { Machines } from '../node/ssh/machines.ts'
import { bootResources } from '../node/unlock/boot.ts'
import { keyResources } from '../node/unlock/key-access.ts'
import { groupRoom } from '../node/volumes/group-room.ts'
import { type Volume, volumesOfNode } from '../node/volumes/volume.ts'
import { volumeResource } from '../node/volumes/volume-resource.ts'
import type { SecretProject } from '../secrets/project.ts'
import { recoveryResource } from './recovery.ts'
import { keyOfVolume } from './volume-keys.ts'

export interface VolumeWork {
  config: Config
  machines: Pick<Machines, 'of'>
  nodes: readonly ClusterNode[]
  project: SecretProject
  now(): Date
}

/** All that the encrypted volumes of these nodes need on their machines, in order. */
export async function volumeWork(work: VolumeWork): Promise<NodeStep['work']> {
  const withVolumes = work.nodes.filter(({ volumes }) => volumes.length > 0)
  return Promise.all(
    withVolumes.map(async (node) => ({
      machine: work.machines.of(node),
      resources: await resourcesOf(node, work),
    })),
  )
}

/** The way to the keys, the volumes themselves, what opens them at boot, and what is kept for a bad day. */
async function resourcesOf(node: ClusterNode, { config, project, now }: VolumeWork): Promise<Resource[]> {
  const volumes = outerFirst(volumesOfNode(node, config.cluster))
  const keyed = volumes.map((volume) => ({
    volume,
    key: keyOfVolume(volume, { config, project, now, store: undefined }),
  }))
  const { unlock } = config.cluster
  const recovery = keyed.map(({ volume, key }) => recoveryResource(volume, { project, key, unlock, now }))
  return [
    ...keyResources(node, volumes, config),
    ...roomIn(volumes),
    ...keyed.map(({ volume, key }) => volumeResource(volume, key)),
    ...bootResources(node, volumes, config),
    ...(await Promise.all(recovery)),
  ]
}

// A volume may be mounted inside another one.
function outerFirst(volumes: Volume[]): Volume[] {
  const depth = ({ path }: Volume) => path.split('/').length
  return volumes.toSorted((one, other) => depth(one) - depth(other))
}

function roomIn(volumes: Volume[]): Resource[] {
  const groups = [...new Set(volumes.map(({ vg }) => vg))]
  return groups
    .map((vg) => ({ vg, own: volumes.filter((volume) => volume.vg === vg) }))
    .filter(({ own }) => own.length > 1)
    .map(({ vg, own }) => groupRoom(vg, own))
}
