import { TaskError } from '../cli/errors.ts'
import { firstLabel } from '../config/nodes.ts'
import type { KeyedNode, KeyServerMachine } from '../node/unlock/server/plan-key-server.ts'
import { volumesOfNode } from '../node/volumes/volume.ts'
import type { NodePart, NodeProject } from './part.ts'

/** What each node reads its keys with; its public half is what the key server lets in. */
export const nodeSshKeys: NodePart = {
  name: 'node-ssh-keys',
  title: 'SSH keys of the nodes for the key server',
  nodes: async (project) => {
    const { nodeKeyPairs } = await import('../node/unlock/server/plan-key-server.ts')
    return nodeKeyPairs(keyedNodes(project))
  },
}

/** An account for each node on the key server, and the keys of its volumes. */
export const keyServer: NodePart = {
  name: 'key-server',
  title: 'Accounts and keys on the key server',
  nodes: async (project) => {
    const { keyServerWork } = await import('../node/unlock/server/plan-key-server.ts')
    return keyServerWork(keyedNodes(project), serverMachine(project))
  },
}

function keyedNodes({ config, machines, nodes }: NodeProject): KeyedNode[] {
  return nodes
    .map((node) => ({
      label: firstLabel(node.name),
      machine: machines.of(node),
      volumes: volumesOfNode(node, config.cluster),
    }))
    .filter(({ volumes }) => volumes.length > 0)
}

function serverMachine({ config, machines }: NodeProject): KeyServerMachine {
  const { keyServer: server } = config.cluster
  const machine = machines.keyServer()
  if (server && machine) return { ...server, machine }
  throw new TaskError('no key server is given', {
    file: 'cluster.yaml',
    hint: 'for example keyServer: keys.example.com',
  })
}
