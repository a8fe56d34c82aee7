import { hasKubelet } from '../config/nodes.ts'
import type { NodePart } from './part.ts'

/** containerd, kubelet and the other programs of a node, with their settings and units. */
export const nodeSoftware: NodePart = {
  name: 'node-software',
  title: 'Programs of the nodes',
  ownPace: true,
  nodes: async ({ config: { cluster }, machines, nodes }) => {
    if (cluster.distribution === 'none' || cluster.software.source === 'none') return []
    const { softwareResources } = await import('../node/software/node-software.ts')
    const { openReleaseSource } = await import('../node/software/release-source.ts')
    const releases = await openReleaseSource(cluster.software)
    return nodes.map((node) => ({
      machine: machines.of(node),
      resources: softwareResources(node, { cluster, releases }),
    }))
  },
}

/** Container images of a folder, on each node that runs pods. */
export const nodeImages: NodePart = {
  name: 'node-images',
  title: 'Container images of the nodes',
  ownPace: true,
  nodes: async ({ config: { cluster }, machines, nodes, parts }) => {
    const { images } = cluster.software
    if (cluster.distribution === 'none' || images === undefined) return []
    const { imageArchives } = await import('../node/software/images/archives.ts')
    const { imageResource } = await import('../node/software/images/images.ts')
    const { archivesFor } = await import('../node/software/images/archives-for.ts')
    const archives = await imageArchives(images)
    const installedBefore = cluster.software.source !== 'none' && parts.includes(nodeSoftware.name)
    const running = nodes.filter(hasKubelet)
    return running.map((node) => ({
      machine: machines.of(node),
      resources: [
        imageResource(archivesFor(node, { archives, cluster }), { installedBefore, source: node.place }),
      ],
    }))
  },
}
