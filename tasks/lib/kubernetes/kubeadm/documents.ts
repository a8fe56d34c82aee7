import { stringify } from 'yaml'
import type { Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'

/** The API version of kubeadm's configuration. */
export const kubeadmVersion = 'kubeadm.k8s.io/v1beta4'

/** Where every kubelet finds containerd. */
export const criSocket = 'unix:///run/containerd/containerd.sock'

/** Documents as the text of one YAML file. Kubernetes reads YAML 1.1, in which a plain yes is a boolean. */
export function yamlText(documents: readonly JsonMap[]): string {
  return documents
    .map((document) => stringify(document, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' }))
    .join('---\n')
}

/** Flags as kubeadm takes them. */
export function args(flags: Record<string, string>): { name: string; value: string }[] {
  return Object.entries(flags).map(([name, value]) => ({ name, value }))
}

/** The field that says how long kubeadm waits; nothing where that is left to it. */
export function timeouts({ cluster }: Pick<Config, 'cluster'>): JsonMap {
  const { timeouts } = cluster.kubeadm
  return Object.keys(timeouts).length > 0 ? { timeouts: { ...timeouts } } : {}
}
