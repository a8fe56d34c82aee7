import type { ClusterNode, Config } from '../../config/model.ts'
import { hasKubelet } from '../../config/nodes.ts'
import { withoutEtcdMember } from '../../node/reset/etcd-host.ts'
import { resetResource, stoppedResource } from '../../node/reset/reset.ts'
import type { Resource } from '../../node/resource.ts'
import { externalEtcdNodes } from './etcd-access.ts'

/** What makes a machine one without Kubernetes, and without a member of etcd where it is a host of one. */
export function resetResources(config: Config, node: ClusterNode): Resource[] {
  const isHost = isEtcdHost(config, node)
  return [
    ...(isHost ? [withoutEtcdMember({ clears: true })] : []),
    ...(hasKubelet(node) ? [resetResource({ node: node.name, keepsEtcd: isHost })] : []),
  ]
}

/** What stops all of it for good, and takes nothing away. */
export function stopResources(config: Config, node: ClusterNode): Resource[] {
  return [
    ...(isEtcdHost(config, node) ? [withoutEtcdMember({ clears: false })] : []),
    ...(hasKubelet(node) ? [stoppedResource()] : []),
  ]
}

function isEtcdHost(config: Config, node: ClusterNode): boolean {
  return externalEtcdNodes(config).some(({ name }) => name === node.name)
}
