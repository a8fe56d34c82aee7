import type { Place } from '../cli/errors.ts'

/** The one address of all control planes, and who holds it. */
export interface Endpoint {
  host: string
  port: number
  provider: 'external' | 'kube-vip' | 'keepalived'
  /** Where not given, that of a machine's default route. */
  interface?: string
  /** Of VRRP. */
  routerId: number
}

/** What kubeadm is told beside what follows from the rest. */
export interface Kubeadm {
  certSANs: string[]
  ignorePreflightErrors: string[]
  /** By their names in v1beta4: { kubernetesAPICall: "2m0s" }. */
  timeouts: Record<string, string>
  clusterConfiguration: Record<string, unknown>
  kubeProxyConfiguration: Record<string, unknown>
}

/** Where programs and images of nodes come from. Paths are absolute. */
export interface Software {
  source: 'download' | 'packages' | 'none'
  /** Holds downloads as HOST/PATH. */
  folder?: string
  /** A web server that holds them as HOST/PATH. */
  mirror?: string
  /** A file of sha256sum over paths HOST/PATH; what it names counts before what is known here. */
  digests?: string
  /** A folder of image archives. */
  images?: string
  /** Over the usual ones, by program. */
  versions: Record<string, string>
}

export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted'

export interface PodSecurity {
  enforce: PodSecurityLevel
  audit: PodSecurityLevel
  warn: PodSecurityLevel
  /** Namespaces without any check. */
  exempt: string[]
}

export interface Oidc {
  issuer: string
  clientId: string
  usernameClaim: string
  usernamePrefix: string
  groupsClaim?: string
  groupsPrefix: string
  /** Absolute path of a file with the issuer's certificate authority. */
  ca?: string
}

export interface Backup {
  /** systemd calendar expression. */
  schedule: string
  keep: number
  /** age recipients; empty: those of .sops.yaml. */
  recipients: string[]
  to: BackupPlace[]
}

/** One of folder, ssh and s3 is set. */
export interface BackupPlace {
  folder?: string
  /** user@host:path */
  ssh?: string
  /** https://s3.example.com/bucket */
  s3?: string
  region?: string
  /** Name of a secret file. */
  secret?: string
  place?: Place
}
