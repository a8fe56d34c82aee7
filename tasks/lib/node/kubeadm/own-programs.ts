import { adminConfig, manifestsFolder } from './paths.ts'

/**
 * Shell functions for scripts on a control plane, which ask that machine's own API server and the etcd behind it as
 * kubeadm set them up: `flag NAME` prints a flag of the API server, `api` is kubectl, `etcd` is etcdctl.
 */
export const ownPrograms = [
  `manifest=${manifestsFolder}/kube-apiserver.yaml`,
  'flag() { sed -n "s/^ *- --$1=//p" "$manifest"; }',
  // The one line in which kubeadm says where this very server answers; its certificate names no loopback.
  `own() { sed -n 's/^ *kubeadm.kubernetes.io\\/kube-apiserver.advertise-address.endpoint: *//p' "$manifest" | tr -d "\\"'"; }`,
  `api() { kubectl --kubeconfig ${adminConfig} --server "https://$(own)" --request-timeout 30s "$@"; }`,
  'etcd() { etcdctl --endpoints "$(flag etcd-servers)" --cacert "$(flag etcd-cafile)" ' +
    '--cert "$(flag etcd-certfile)" --key "$(flag etcd-keyfile)" --command-timeout 60s "$@"; }',
].join('\n')
