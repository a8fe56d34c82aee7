import type { ClusterNode } from '../config/model.ts'
import { firstLabel, nodesMatching } from '../config/nodes.ts'
import type { PublicKey } from '../node/sync/key.ts'
import { readPublicKey } from '../node/sync/key.ts'
import { syncBasics, syncResources, syncRole } from '../node/sync/sync.ts'
import type { NodePart, NodeProject } from './part.ts'
import { groundOptions } from './persistent-directories.ts'

/** What synchronised folders need first: unison, and the key of each machine that runs one. */
export const syncPrograms: NodePart = {
  name: 'sync-programs',
  title: 'Programs and keys for synchronised folders',
  ownPace: true,
  nodes: ({ config, machines, nodes }) =>
    nodes
      .map((node) => ({
        machine: machines.of(node),
        resources: syncBasics(node, syncRole(node, config.cluster)),
      }))
      .filter(({ resources }) => resources.length > 0),
}

/** Folders that several nodes keep the same, as the configuration has them; those that it has no more end. */
export const syncedFolders: NodePart = {
  name: 'sync',
  title: 'Synchronised folders',
  async nodes(project) {
    const { config, machines, nodes, parts } = project
    const [keys, hostKeys] = await Promise.all([publicKeys(project), pinnedHostKeys(project)])
    const mountedBefore = parts.includes('volumes')
    return nodes.map((node) => {
      const ground = groundOptions(node, { cluster: config.cluster, mountedBefore })
      const resources = syncResources(syncRole(node, config.cluster), {
        ...{ ground, keys, hostKeys },
        port: config.cluster.ssh.port,
      })
      return { machine: machines.of(node), resources }
    })
  },
}

async function publicKeys({ config, machines }: NodeProject): Promise<Map<string, PublicKey>> {
  const { nodes, sync } = config.cluster
  const runners = new Set(sync.map((folder) => nodesMatching(nodes, folder.nodes[0]!)[0]!))
  const entries = [...runners].map(async (node): Promise<[string, PublicKey]> => {
    const runner = firstLabel(node.name)
    const read = async () => {
      const { stdout } = await machines.of(node).run(readPublicKey, { title: 'read its public key' })
      return stdout.trim()
    }
    // A machine that cannot be asked is named by the plan, which asks it too.
    const text = await read().catch(() => '')
    return [runner, { runner, read, ...(text && { text }) }]
  })
  return new Map(await Promise.all(entries))
}

async function pinnedHostKeys({ config }: NodeProject) {
  const { pinnedKeys, readKnownHosts } = await import('../node/ssh/known-hosts.ts')
  const text = readKnownHosts(config.root)
  return (node: ClusterNode) => pinnedKeys(text, node.name)
}
