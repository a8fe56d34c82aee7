/** What is known of a machine. Undefined: it could not be told there. */
export interface Facts {
  hostname: string
  machineId?: string
  bootId?: string
  /** ID and VERSION_ID of os-release(5) are "debian" and "12". */
  os: { name: string; id?: string; version?: string }
  kernel: string
  /** As uname has it: "x86_64", "aarch64". */
  architecture: string
  cpus?: number
  memoryBytes?: number
  /** Swap areas in use. */
  swap: string[]
  cgroup?: 1 | 2
  uptimeSeconds?: number
  rebootRequired: boolean
  clock: ClockFacts
  disks: Disk[]
  volumeGroups: VolumeGroup[]
  /** By name of the module. */
  modules: Record<string, ModuleState>
  addresses: string[]
  /** People's accounts, by name. */
  users: string[]
  /** "containerd 1.7.24" */
  runtime?: string
  /** "1.36.3" */
  kubelet?: string
}

/** loaded: in use or built in; available: there to be loaded. */
export type ModuleState = 'loaded' | 'available' | 'missing'

export interface ClockFacts {
  /** Ahead of the clock here; negative: behind. Right to `uncertainSeconds` both ways. */
  aheadSeconds: number
  uncertainSeconds: number
  /** Whether it is set by others of the network, as systemd knows. */
  isSynchronized?: boolean
  /** The unit that keeps it right. */
  service?: string
}

export interface Disk {
  name: string
  bytes: number
  isRotating: boolean
  /** What lies directly on it. */
  signature?: string
}

export interface VolumeGroup {
  name: string
  bytes: number
  freeBytes: number
}

/** What Kubernetes, its networks and encrypted volumes take of the kernel. */
export const wantedModules = [
  'br_netfilter',
  'overlay',
  'nf_conntrack',
  'dm_crypt',
  'dm_mod',
  'ip_vs',
  'vxlan',
] as const
