import { kubeletSettings, kubernetesFolder, manifestsFolder, pkiFolder } from './paths.ts'

/** Kubeconfigs that kubeadm and the kubelet make. */
export const kubeconfigs = [
  'admin',
  'super-admin',
  'controller-manager',
  'scheduler',
  'kubelet',
  'bootstrap-kubelet',
].map((name) => `${kubernetesFolder}/${name}.conf`)

/** Static pods that kubeadm makes. */
const staticPods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
  (name) => `${manifestsFolder}/${name}.yaml`,
)

/** Authorities and what signs tokens: whoever has lost them has lost the cluster. */
export const authorities = ['ca', 'front-proxy-ca', 'etcd/ca']
  .flatMap((name) => [`${pkiFolder}/${name}.crt`, `${pkiFolder}/${name}.key`])
  .concat(`${pkiFolder}/sa.key`, `${pkiFolder}/sa.pub`)

/** What is signed by them, and is made again at any time. */
export const leaves = [
  ...['apiserver', 'apiserver-kubelet-client', 'apiserver-etcd-client', 'front-proxy-client'],
  ...['etcd/server', 'etcd/peer', 'etcd/healthcheck-client'],
].flatMap((name) => [`${pkiFolder}/${name}.crt`, `${pkiFolder}/${name}.key`])

/** What a cluster leaves on a machine; what our own steps put there before kubeadm runs is not among it. */
export const traces = [
  ...kubeconfigs,
  ...staticPods,
  `${pkiFolder}/ca.crt`,
  `${pkiFolder}/ca.key`,
  `${pkiFolder}/etcd/ca.key`,
  kubeletSettings,
]
