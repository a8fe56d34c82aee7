import { etcdFolder, kubernetesFolder } from '../kubeadm/paths.ts'
import type { Answer } from '../resource.ts'
import { answerLines } from '../system/answers.ts'

/** What of Kubernetes is on a machine, and what is mounted where kubeadm would delete. */
export interface ResetState {
  /** There are files in /etc/kubernetes, beside the record of an etcd outside of the cluster. */
  hasFiles: boolean
  hasEtcdData: boolean
  /** /var/lib/kubelet holds something. */
  hasKubelet: boolean
  isKubeletActive: boolean
  isKubeletEnabled: boolean
  /** Mounts below /var/lib/kubelet that the kubelet did not make for a pod: somebody's data. */
  dataMounts: string[]
  /** Mounts there that it made for pods. */
  podMounts: number
}

/** What the kubelet mounts for pods: volumes, projected Secrets, parts of volumes. */
const podMount = /\/(pods\/[^/]+\/(volumes|volume-subpaths)|plugins\/kubernetes\.io)\//

/** Prints the state; reads only. */
export const resetProbe = [
  `[ -z "$(find ${kubernetesFolder} -type f ! -name etcd-member -print -quit 2>/dev/null)" ] || echo files`,
  `[ ! -e ${etcdFolder}/member ] || echo etcd`,
  'kubelet=$(readlink -f /var/lib/kubelet || echo /var/lib/kubelet)',
  '[ -z "$(ls -A "$kubelet" 2>/dev/null | grep -vx lost+found)" ] || echo kubelet',
  'if systemctl is-active -q kubelet; then echo active; fi',
  'if systemctl is-enabled -q kubelet 2>/dev/null; then echo enabled; fi',
  `findmnt -rn -o TARGET | grep "^$kubelet/" | sed 's/^/mount /'`,
  ':',
].join('\n')

/** Reads what the probe printed. */
export function resetState(answer: Answer): ResetState {
  const lines = answerLines(answer)
  const mounts = lines.filter((line) => line.startsWith('mount ')).map((line) => line.slice('mount '.length))
  const dataMounts = mounts.filter((path) => !podMount.test(path))
  return {
    hasFiles: lines.includes('files'),
    hasEtcdData: lines.includes('etcd'),
    hasKubelet: lines.includes('kubelet'),
    isKubeletActive: lines.includes('active'),
    isKubeletEnabled: lines.includes('enabled'),
    dataMounts,
    podMounts: mounts.length - dataMounts.length,
  }
}
