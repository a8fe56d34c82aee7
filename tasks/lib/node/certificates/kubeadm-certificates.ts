import { kubernetesFolder, pkiFolder } from '../kubeadm/paths.ts'

/** A static pod of kubeadm's. */
export type Component = 'etcd' | 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler'

/** In the order in which they are started anew: what others need comes first. */
export const components: readonly Component[] = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
]

const clients = ['apiserver-kubelet-client', 'apiserver-etcd-client', 'front-proxy-client']

/** Files with certificates that `kubeadm certs renew` gives anew, and the program that reads each when it starts. */
export const renewedFiles: readonly { file: string; reader?: Component }[] = [
  ...['server', 'peer'].map((name) => ({ file: `${pkiFolder}/etcd/${name}.crt`, reader: 'etcd' as const })),
  { file: `${pkiFolder}/etcd/healthcheck-client.crt` },
  ...['apiserver', ...clients].map((name) => ({
    file: `${pkiFolder}/${name}.crt`,
    reader: 'kube-apiserver' as const,
  })),
  { file: `${kubernetesFolder}/controller-manager.conf`, reader: 'kube-controller-manager' },
  { file: `${kubernetesFolder}/scheduler.conf`, reader: 'kube-scheduler' },
  { file: `${kubernetesFolder}/admin.conf` },
  { file: `${kubernetesFolder}/super-admin.conf` },
]
