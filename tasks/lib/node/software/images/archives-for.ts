import type { Cluster, ClusterNode } from '../../../config/model.ts'
import { imageRepository } from '../versions.ts'
import type { ImageArchive } from './archives.ts'

const ofControlPlanes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd']

/** The archives that a node has a use for: a worker runs nothing of a control plane. */
export function archivesFor(
  { roles }: Pick<ClusterNode, 'roles'>,
  { archives, cluster }: { archives: readonly ImageArchive[]; cluster: Pick<Cluster, 'kubeadm'> },
): ImageArchive[] {
  if (roles.includes('control-plane')) return [...archives]
  const left = ofControlPlanes.map((name) => `${imageRepository(cluster)}/${name}:`)
  return archives.filter(
    ({ images }) => !images.every(({ name }) => left.some((start) => name.startsWith(start))),
  )
}
