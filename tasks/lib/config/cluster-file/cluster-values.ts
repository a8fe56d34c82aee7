import type { Backup, BackupPlace, Endpoint, Kubeadm, Oidc, PodSecurity, Software } from '../kubeadm-model.ts'
import type { ClusterNode, KeyServer, NodeVolume, Ssh, SyncedFolder, System, Tang, Unlock } from '../model.ts'

/** cluster.yaml as it is written, shapes checked and $NAME expanded; what has the wrong shape is left out, a required name too: then there is a finding. */
export interface ClusterValues {
  name?: string
  kubernetes?: { version?: string; distribution?: 'kubeadm' | 'none' }
  target?: { kubeconfig?: string; context?: string }
  endpoint?: Partial<Omit<Endpoint, 'host' | 'port'>> & { address?: string }
  kubeadm?: Partial<Kubeadm>
  kubelet?: Record<string, unknown>
  software?: Partial<Software>
  podSecurity?: Partial<PodSecurity>
  oidc?: Partial<Oidc>
  backup?: Partial<Omit<Backup, 'to'>> & { to?: BackupPlace[] }
  network?: { provider?: string; podSubnet?: string; serviceSubnet?: string; dnsDomain?: string }
  loadBalancer?: { ranges?: string[] }
  nodes?: NodeValues[]
  addons?: Record<string, { enabled?: boolean; settings?: Record<string, unknown> } | undefined>
  ssh?: Partial<Ssh>
  system?: Partial<System>
  keyServer?: Partial<KeyServer>
  tang?: Partial<Tang>
  unlock?: Unlock
  sync?: Partial<SyncedFolder>[]
  volumes?: {
    path?: string
    rootDisk?: boolean
    pools?: Record<string, { count?: number; size?: string } | undefined>
    named?: { name?: string; size?: string }[]
  }
}

export type NodeValues = Partial<Omit<ClusterNode, 'place' | 'volumes'>> & {
  name: string
  volumes?: Partial<NodeVolume>[]
}
