import { keyServer, nodeSshKeys } from './key-server-parts.ts'
import type { NodePart } from './part.ts'

/** Encrypted volumes with all that opens them. */
const encryptedVolumes: NodePart = {
  name: 'volumes',
  title: 'Encrypted volumes',
  ownPace: true,
  nodes: async ({ config, machines, nodes, output, signal }) => {
    const { volumeWork } = await import('../volumes/steps.ts')
    const { secretProject } = await import('../secrets/project.ts')
    const project = secretProject({ root: config.root, output, signal })
    return volumeWork({ config, machines, nodes, project, now: () => new Date() })
  },
}

/** The same, and before it what the key server needs where there is one. */
export const volumeLayer: NodePart[] = [onlyWithKeys(nodeSshKeys), onlyWithKeys(keyServer), encryptedVolumes]

function onlyWithKeys(part: NodePart): NodePart {
  return {
    ...part,
    nodes: (project) => (project.config.cluster.unlock === 'key-server' ? part.nodes(project) : []),
  }
}
