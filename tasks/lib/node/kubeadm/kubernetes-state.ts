import type { Finding } from '../../cli/errors.ts'

/** What one machine says of the Kubernetes that is on it, by nothing but reading. */
export interface KubernetesState {
  /** Its kubelet belongs to a cluster: /etc/kubernetes/kubelet.conf is there, and its setup came to its end. */
  isMember: boolean
  /** It runs an API server: the static pod's manifest is there, and its setup came to its end. */
  isControlPlane: boolean
  /** A setup that this tool began here and that did not come to its end; the next run finishes it. */
  begun?: Beginning
  /** The certificate authority that its kubelet trusts, "sha256:…" of its public key as kubeadm pins it. */
  caHash?: string
  /** The name of its Node, as its kubelet logs in with. */
  nodeName?: string
  /** Where its kubelet finds the API: "https://10.0.0.10:6443". */
  server?: string
  /** Versions without "v"; undefined where the program is missing. */
  versions: { kubelet?: string; kubeadm?: string; containerd?: string; apiServer?: string; etcd?: string }
  /** The addresses that its cluster was made with, as far as files on it say; all of them on a control plane. */
  network: Partial<ClusterNetwork>
  /** What pod networks have written into /etc/cni/net.d. */
  cniFiles?: readonly string[]
  /** /var/lib/etcd/member is there: a member's data, of whatever cluster. */
  hasEtcdData: boolean
  /** What an earlier cluster left on a machine that is no member now: nothing is set up over it. */
  leftOvers: string[]
  /** Certificates of kubeadm and the kubelet, by file. */
  certificates: KnownCertificate[]
  /** sha256 of the files that every control plane must have alike, by path; missing files are left out. */
  files: Record<string, string>
  isKubeletActive: boolean
  /** The address that the machine goes out with by its default route: the kubelet's own where it is told none. */
  address?: string
  /** The network interface of that route. */
  interface?: string
  /** A backup was put back here, and no cluster made on top of it yet. */
  isRestored: boolean
  /** Whom its cluster knows: "node/cp1", "member/https://10.0.0.11:2380"; what was not asked or not told is missing. */
  roster?: readonly string[]
}

/** A certificate as far as anybody asks. */
export interface KnownCertificate {
  file: string
  expires: Date
  /** Names and addresses that it is for, as OpenSSL prints them. */
  names?: readonly string[]
}

/** What a cluster is made with, in the words of cluster.yaml, and keeps for good. */
export interface ClusterNetwork {
  podSubnet: string
  serviceSubnet: string
  dnsDomain: string
}

/** The kinds of setup that a node can be in the middle of. */
export type Beginning = 'init' | 'join' | 'join-control-plane'

/** What all machines of a cluster say. */
export interface KubernetesSurvey {
  /** By the name of the node; without those that did not answer. */
  states: ReadonlyMap<string, KubernetesState>
  /** Why a machine did not answer, by the name of the node. */
  unreachable: ReadonlyMap<string, Finding>
}
