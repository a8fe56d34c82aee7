import type { LastRun } from '../cli/plan/last-run.ts'
import type { SurveyedDirectory, SurveyedSync } from '../node/directories/survey.ts'

/** Where something stands; said as "simulated" instead of "ready" where no real machine stands behind it. */
export type State = 'ready' | 'progressing' | 'failed' | 'terminating'

/** The document that `tasks status --json` prints, and all that the text and the page show. Sizes are bytes. */
export interface Status {
  target: string
  /** True where no machine stands behind the nodes: every readiness, address and binding is then simulated. */
  simulated: boolean
  /** ISO time at which it was read. */
  takenAt: string
  kubernetes: { running: string; configured: string }
  /** One line each for what is not as it should be; empty when all is well. */
  problems: string[]
  nodes: NodeStatus[]
  /** By namespace, then by kind and name. */
  workloads: WorkloadStatus[]
  loadBalancers: LoadBalancerStatus[]
  volumes: VolumesStatus
  /** What the machines themselves tell; empty where the nodes are simulated or cannot be reached. */
  machines: MachineStatus[]
  /** What the machines tell of the control plane; null where kubeadm did not make it, or no machine stands behind it. */
  controlPlane: ControlPlaneStatus | null
  addons: AddonStatus[]
  /** The newest recorded run on this target; null where none is recorded. */
  lastRun: LastRun | null
}

export interface NodeStatus {
  name: string
  /** missing: configured, but not part of the cluster. */
  state: 'ready' | 'not ready' | 'missing'
  /** Why it is not ready. */
  reason?: string
  /** Takes no new pods: cordoned. */
  cordoned: boolean
  simulated: boolean
  roles: string[]
  /** Of the kubelet: "1.36.3"; "" where it has not reported yet. */
  version: string
  addresses: string[]
  labels: Record<string, string>
  pods: Usage
  /** Cores that pods request, of those that pods may have. */
  cpu: Usage
  memory: Usage
}

export interface Usage {
  used: number
  total: number
}

export interface WorkloadStatus {
  namespace: string
  kind: string
  name: string
  ready: number
  wanted: number
  state: State
  simulated: boolean
  /** What is missing or why it failed; empty when ready. */
  reason: string
}

export interface LoadBalancerStatus {
  namespace: string
  name: string
  addresses: string[]
  simulated: boolean
}

export interface VolumesStatus {
  simulated: boolean
  /** PersistentVolumes by the node that they are on, then by group. */
  groups: VolumeGroup[]
  /** Names of volumes whose claim is gone: their data waits for somebody to decide. */
  released: string[]
  failed: string[]
  /** Names of volumes on nodes that the configuration does not define; they stay, with their data. */
  orphans: string[]
  boundClaims: number
  pendingClaims: PendingClaim[]
}

export interface MachineStatus {
  node: string
  /** Directories of PersistentVolumes, with what they use and may use where their file system counts it. */
  directories: SurveyedDirectory[]
  /** Directories that no PersistentVolume is about. */
  orphans: string[]
  /** Folders that this machine keeps the same on others. */
  syncs: SurveyedSync[]
}

/** Times are ISO. */
export interface ControlPlaneStatus {
  /** Of each machine the certificate that ends first. */
  certificates: { node: string; file: string; expires: string; daysLeft: number }[]
  etcd: EtcdMemberStatus[]
  /** By control plane; alarm says why somebody should look after them. */
  backups: { node: string; lastGood: string | null; next: string | null; alarm: string | null }[]
}

export interface EtcdMemberStatus {
  name: string
  health: 'healthy' | 'unsteady' | 'gone'
  isLeader: boolean
  isLearner: boolean
  /** Of etcd; "" where it does not answer. */
  version: string
  /** Size of its database. */
  bytes: number
  /** Alarms, in etcd's words. */
  errors: string[]
}

export interface VolumeGroup {
  /** Null for volumes that every node reaches. */
  node: string | null
  /** pool: equal ones, told apart by number; named: has a name of its own; class: made on demand by a StorageClass. */
  kind: 'pool' | 'named' | 'class'
  /** "pool-s", "share", "local-path" */
  name: string
  count: number
  available: number
  bound: number
  released: number
  failed: number
  bytes: number
  boundBytes: number
}

export interface PendingClaim {
  namespace: string
  name: string
  storageClass: string
  /** As it is asked for: "8Gi". */
  size: string
  reason: string
}

export interface AddonStatus {
  name: string
  title: string
  /** not installed: wanted but not there; switched off: neither; left over: there although it is switched off. */
  state: 'installed' | 'not installed' | 'switched off' | 'left over'
  /** The version that the configuration says; null for one without a version. */
  configured: string | null
  /** The version of the image that runs; null where none runs. */
  running: string | null
  retired: { since: string; reason: string; successor: string } | null
}
