import { TaskError } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { Cluster } from '../../config/model.ts'

/** What a machine of a cluster runs, in the order in which it is installed. */
const programNames = [
  'containerd',
  'runc',
  'cni-plugins',
  'crictl',
  'kubeadm',
  'kubelet',
  'kubectl',
  'etcd',
  'age',
] as const
export type ProgramName = (typeof programNames)[number]

/** They have the version of the cluster. */
export const kubernetesPrograms = ['kubeadm', 'kubelet', 'kubectl'] as const
export type KubernetesProgram = (typeof kubernetesPrograms)[number]

const pinned = {
  containerd: '2.3.4',
  runc: '1.4.3',
  'cni-plugins': '1.9.1',
  crictl: '1.36.0',
  etcd: '3.6.14',
  age: '1.3.1',
}

/** What the pods' sandboxes run, by the minor version of Kubernetes: kubeadm names the same. */
const pauseVersions: Record<string, string> = { '1.34': '3.10.1', '1.35': '3.10.1', '1.36': '3.10.2' }

const settable = [...Object.keys(pinned), 'pause']

/** The version of each program, without "v"; software.versions counts before ours. */
export function programVersions({
  kubernetesVersion,
  software,
}: Pick<Cluster, 'kubernetesVersion' | 'software'>): Record<ProgramName, string> {
  for (const name of Object.keys(software.versions)) expectSettable(name)
  const [kubeadm, kubelet, kubectl] = kubernetesPrograms.map(() => kubernetesVersion) as [
    string,
    string,
    string,
  ]
  return { ...pinned, ...software.versions, kubeadm, kubelet, kubectl }
}

/** The image of the pods' sandboxes: containerd keeps it, and kubeadm must name the same. */
export function pauseImage(cluster: Cluster): string {
  const { kubernetesVersion, software } = cluster
  const minor = kubernetesVersion.split('.').slice(0, 2).join('.')
  const version = software.versions.pause ?? pauseVersions[minor] ?? Object.values(pauseVersions).at(-1)
  return `${imageRepository(cluster)}/pause:${version}`
}

/** Where images of the cluster's own components come from. */
export function imageRepository({ kubeadm }: Pick<Cluster, 'kubeadm'>): string {
  return String(kubeadm.clusterConfiguration.imageRepository ?? 'registry.k8s.io')
}

function expectSettable(name: string): void {
  if (settable.includes(name)) return
  const isKubernetes = (kubernetesPrograms as readonly string[]).includes(name)
  throw new TaskError(`software.versions: ${name} is no program whose version is set there`, {
    hint: isKubernetes
      ? 'it has the version of the cluster: kubernetes: { version: … }'
      : (didYouMean(name, settable) ?? `there are ${settable.join(', ')}`),
  })
}
