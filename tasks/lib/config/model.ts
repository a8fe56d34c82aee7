import type { Finding, Place } from '../cli/errors.ts'
import type { Backup, Endpoint, Kubeadm, Oidc, PodSecurity, Software } from './kubeadm-model.ts'

/** What a run knows of its project: the same model whether it came from cluster.yaml, from variables, or both. */
export interface Config {
  /** Absolute path of the project root: the nearest parent folder with cluster.yaml, .env or manifests/. */
  root: string
  /** True when cluster.yaml or K8S_NODES names nodes; otherwise the target is the sandbox. */
  configured: boolean
  cluster: Cluster
  variables: Variables
  /** All that is exported, declared or not: a manifest may name one of them, and the plan then notes it. */
  environmentVariables: Variables
  /** Warnings and notes; errors were thrown. */
  findings: Finding[]
}

/** Every declared variable by name. */
export type Variables = ReadonlyMap<string, Variable>

export interface Variable {
  name: string
  value: string
  /** Said to people: "environment", ".env:3", "cluster.yaml:7", "default", "--vars FILE:2". */
  origin: string
  place?: Place
  secret?: boolean
}

export type Role = 'control-plane' | 'worker' | 'etcd'

export interface Cluster {
  name: string
  /** "1.36.3" */
  kubernetesVersion: string
  /** File and context of the configured cluster; empty in the sandbox. */
  kubeconfig?: string
  context?: string
  nodes: ClusterNode[]
  network: { provider: string; podSubnet: string; serviceSubnet: string; dnsDomain: string }
  /** host:port under which all control planes answer. */
  endpoint?: Endpoint
  /** Who makes the cluster; none: it is somebody else's, and reached by kubeconfig. */
  distribution: 'kubeadm' | 'none'
  kubeadm: Kubeadm
  /** Fields of KubeletConfiguration that are put over ours. */
  kubelet: Record<string, unknown>
  software: Software
  podSecurity: PodSecurity
  oidc?: Oidc
  backup: Backup
  /** Address ranges for Services of type LoadBalancer: CIDR or first-last. */
  loadBalancerRanges: string[]
  /** By add-on name, the ones that are on. */
  addons: Record<string, { enabled: boolean; settings: Record<string, unknown> }>
  /** PersistentVolumes each worker offers: pools of equal ones, and named ones. */
  pools: VolumePool[]
  namedVolumes: NamedVolume[]
  /** They may lie on the disk of the system, where no encrypted volume is. */
  volumesOnRootDisk: boolean
  ssh: Ssh
  system: System
  keyServer?: KeyServer
  tang?: Tang
  unlock: Unlock
  sync: SyncedFolder[]
}

/** How nodes are reached; a node's own user and port win. */
export interface Ssh {
  /** Where not given, what ssh takes by itself. */
  user?: string
  port?: number
  /** Absolute path of a private key. */
  identity?: string
  /** user@host:port to go through. */
  bastion?: string
  /** Hosts worked on side by side. */
  parallel: number
}

/** What each machine gets beside what the cluster needs. */
export interface System {
  packages: string[]
  modules: string[]
  sysctl: Record<string, string>
}

/** The host with the keys of encrypted volumes, at PATH/keys/NODE/VOLUME. */
export interface KeyServer {
  host: string
  address?: string
  user?: string
  port?: number
  path: string
}

export interface Tang {
  url: string
  thumbprint: string
}

/** How encrypted volumes open at boot; manual: somebody types tasks volumes:unlock. */
export type Unlock = 'key-server' | 'tang' | 'tpm2' | 'manual'

/** A folder that several nodes keep the same; the first of them runs the synchronisation. */
export interface SyncedFolder {
  name: string
  path: string
  nodes: string[]
  /** systemd calendar expression. */
  schedule: string
}

export interface ClusterNode {
  name: string
  address?: string
  /** Of its SSH server, over those of ssh. */
  user?: string
  port?: number
  roles: Role[]
  labels: Record<string, string>
  taints: { key: string; value?: string; effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute' }[]
  /** LVM + LUKS volumes. */
  volumes: NodeVolume[]
  place?: Place
}

export interface NodeVolume {
  name: string
  vg: string
  /** A quantity: "100Gi". */
  size: string
  path: string
  filesystem: 'ext4' | 'xfs'
  inodes?: number
  owner?: string
  /** Pass discards to the disk. */
  discard?: boolean
}

export interface VolumePool {
  /** "small": the middle of POOL_SIZE_SMALL; the folder is pool-s. */
  name: string
  size: string
  count: number
}

export interface NamedVolume {
  name: string
  size: string
}
