import { compareVersions } from '../../../config/kubernetes-version.ts'
import type { Cluster, ClusterNode } from '../../../config/model.ts'
import { imageRepository } from '../versions.ts'
import type { ImageArchive } from './archives.ts'

type WithImages = Pick<Cluster, 'kubeadm' | 'kubernetesVersion'>

const ofControlPlanes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler']
const versioned = [...ofControlPlanes, 'kube-proxy']

/** The archives that a node has a use for: a worker runs nothing of a control plane, and nobody yet a later version. */
export function archivesFor(
  { roles }: Pick<ClusterNode, 'roles'>,
  { archives, cluster }: { archives: readonly ImageArchive[]; cluster: WithImages },
): ImageArchive[] {
  const isControlPlane = roles.includes('control-plane')
  const start = `${imageRepository(cluster)}/`
  const isUsed = (image: string) => {
    if (!image.startsWith(start)) return true
    const [name = '', tag = ''] = image.slice(start.length).split(':')
    if (!isControlPlane && [...ofControlPlanes, 'etcd'].includes(name)) return false
    // An earlier version stays: the cluster may still run it.
    return !(versioned.includes(name) && compareVersions(tag, cluster.kubernetesVersion) > 0)
  }
  return archives.filter(({ images }) => images.some(({ name }) => isUsed(name)))
}
