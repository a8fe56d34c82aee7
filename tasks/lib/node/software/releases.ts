import type { ProgramName } from './versions.ts'

/** The processors that Kubernetes is released for. */
export type Architecture = 'amd64' | 'arm64'

/** A file that a project publishes, and what of it is installed. */
export interface Release {
  /** Its URL without the scheme: "dl.k8s.io/release/v1.36.3/bin/linux/amd64/kubelet". */
  path: string
  /** Where in the archive its programs are; undefined where the file is the program. */
  folder?: string
  /** Which of them are installed; all where not given. */
  only?: string[]
  /** The folder on the machine that they go to. */
  to: string
}

const binaries = '/usr/local/bin'

/** Where programs of the network are looked for. */
export const cniFolder = '/opt/cni/bin'

type Place = Omit<Release, 'to'> & { to?: string }

const github = 'github.com'
const kubernetes =
  (name: string) =>
  (version: string, arch: Architecture): Place => ({
    path: `dl.k8s.io/release/v${version}/bin/linux/${arch}/${name}`,
    only: [name],
  })

const places: Record<ProgramName, (version: string, arch: Architecture) => Place> = {
  containerd: (version, arch) => ({
    path: `${github}/containerd/containerd/releases/download/v${version}/containerd-${version}-linux-${arch}.tar.gz`,
    folder: 'bin',
    only: ['containerd', 'containerd-shim-runc-v2', 'ctr'],
  }),
  runc: (version, arch) => ({
    path: `${github}/opencontainers/runc/releases/download/v${version}/runc.${arch}`,
    only: ['runc'],
  }),
  'cni-plugins': (version, arch) => ({
    path: `${github}/containernetworking/plugins/releases/download/v${version}/cni-plugins-linux-${arch}-v${version}.tgz`,
    folder: '.',
    to: cniFolder,
  }),
  crictl: (version, arch) => ({
    path: `${github}/kubernetes-sigs/cri-tools/releases/download/v${version}/crictl-v${version}-linux-${arch}.tar.gz`,
    folder: '.',
    only: ['crictl'],
  }),
  kubeadm: kubernetes('kubeadm'),
  kubelet: kubernetes('kubelet'),
  kubectl: kubernetes('kubectl'),
  etcd: (version, arch) => ({
    path: `${github}/etcd-io/etcd/releases/download/v${version}/etcd-v${version}-linux-${arch}.tar.gz`,
    folder: `etcd-v${version}-linux-${arch}`,
    only: ['etcd', 'etcdctl', 'etcdutl'],
  }),
  age: (version, arch) => ({
    path: `${github}/FiloSottile/age/releases/download/v${version}/age-v${version}-linux-${arch}.tar.gz`,
    folder: 'age',
    only: ['age', 'age-keygen'],
  }),
}

/** The official release of a program for Linux. */
export function releaseOf(
  name: ProgramName,
  { version, arch }: { version: string; arch: Architecture },
): Release {
  return { to: binaries, ...places[name](version, arch) }
}
