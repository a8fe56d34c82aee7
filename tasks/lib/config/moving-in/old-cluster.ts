import type { Taken } from './reading.ts'

/** What the old toolkit says of a cluster, with where it says so. */
export interface OldCluster {
  name?: Taken
  version?: Taken
  endpoint?: Taken
  provider?: Taken
  podSubnet?: Taken
  serviceSubnet?: Taken
  nodes: OldNode[]
  ssh: OldSsh
  keyServer?: OldKeyServer
  system: OldSystem
  volumesPath?: Taken
  pools: OldPool[]
  namedVolumes?: Taken<string[]>
  /** The folder that data-sync kept the same. */
  synced?: OldSync
}

export interface OldNode {
  name: string
  from: string
  roles: string[]
  address?: Taken
  user?: Taken
  port?: Taken
  labels: [string, Taken][]
  volumes: OldVolume[]
  /** Names of volumes that could not be taken over, and where they stand. */
  left: Taken[]
}

export interface OldVolume {
  name: Taken
  vg: Taken
  size: Taken
  path: Taken
  filesystem: Taken
  inodes?: Taken
}

export interface OldSsh {
  user?: Taken
  port?: Taken
  identity?: Taken
  bastion?: Taken
}

export interface OldKeyServer {
  host: Taken
  path?: Taken
}

export interface OldSystem {
  packages: Taken[]
  modules: Taken[]
  sysctl: [string, Taken][]
}

export interface OldPool {
  name: string
  count?: Taken
  size?: Taken
}

export interface OldSync {
  path: string
  nodes: string[]
  from: string
}
