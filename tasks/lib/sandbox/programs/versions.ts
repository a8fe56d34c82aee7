/** The programs of a control plane, in the order in which they start, and kubectl to look at it with. */
export const programNames = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'kubectl',
] as const
export type ProgramName = (typeof programNames)[number]

/** The versions that the sandbox runs; the go.mod files beside this build the same. */
export const versions = { kubernetes: '1.36.3', etcd: '3.6.14', kwok: '0.8.0' }

/** The exact version that a program must have, without "v". */
export function programVersion(name: ProgramName): string {
  if (name === 'etcd') return versions.etcd
  return name === 'kwok' ? versions.kwok : versions.kubernetes
}
