import { isIP } from 'node:net'
import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import type { KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'

type States = Pick<KubernetesSurvey, 'states'>

/** The address at which others reach a node: that of the configuration, else the one that it goes out with. */
export function addressOf(node: ClusterNode, { states }: States): string {
  const found = [node.address, node.name, states.get(node.name)?.address].find((text) => text && isIP(text))
  if (found) return found
  throw new TaskError(`the address of ${node.name} is not known`, {
    ...node.place,
    hint: `in cluster.yaml: address: 192.168.1.11 beside name: ${node.name}`,
  })
}

/** Whether all of them have an address in the configuration, or answered with theirs. */
export function areKnown(nodes: readonly ClusterNode[], { states }: States): boolean {
  return nodes.every((node) => (node.address && isIP(node.address)) || states.has(node.name))
}
