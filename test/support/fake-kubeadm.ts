/**
 * Stand-ins that leave what the real programs leave, where they leave it: `log` has each call, `api/` what the API has.
 * Like the real one, kubeadm opens /dev/stdin by its name, takes over a certificate that it finds, and stops at one that was cut off.
 */
export const fakePrograms = {
  kubeadm: `echo "kubeadm $*" >>"$root/log"
k=$root/etc/kubernetes
mkdir -p "$root/api/tokens"
whole() { [ ! -e "$1" ] || [ -s "$1" ] || { echo "failure loading $1" >&2; exit 1; }; }
make() { mkdir -p "$(dirname "$1")"; whole "$1"; [ -s "$1" ] || { : >"$1"; [ -z "\${SLOW:-}" ] || sleep 0.1; echo made >"$1"; }; }
authorities() { for name in ca.crt ca.key sa.key sa.pub etcd/ca.crt etcd/ca.key; do make "$k/pki/$name"; done; }
case "$*" in
  'init phase preflight '*) [ ! -e "$k/manifests/etcd.yaml" ] || exit 1 ;;
  'init phase certs all '*) authorities; make "$k/pki/apiserver.crt" ;;
  'init phase kubeconfig all '*) for name in admin super-admin kubelet; do make "$k/$name.conf"; done ;;
  'init phase kubeconfig kubelet '*) make "$k/kubelet.conf" ;;
  'init phase upload-certs '*) cat /dev/stdin >"$root/loan"; : >"$root/api/kubeadm-certs" ;;
  'init --config '*)
    for name in etcd kube-apiserver; do mkdir -p "$k/manifests"; echo made >"$k/manifests/$name.yaml"; done
    mkdir -p "$root/var/lib/etcd/member" "$root/var/lib/kubelet"
    echo made >"$root/var/lib/kubelet/config.yaml"
    echo "$(printf metaltasks | base64 -w0)" >"$root/api/tokens/bootstrap-token-aaaaaa" ;;
  'token create '*)
    echo "$(printf %s "$6" | base64 -w0)" >"$root/api/tokens/bootstrap-token-bbbbbb"
    echo bbbbbb.0123456789abcdef ;;
  'join --config /dev/stdin'*)
    cat /dev/stdin >"$root/join"
    case "$*" in *kubelet-start*) ;; *) [ ! -e "$root/api/ready" ] || { echo 'a Node with that name already exists' >&2; exit 1; } ;; esac
    if grep -q certificateKey "$root/join"; then authorities; make "$k/admin.conf"; fi
    mkdir -p "$root/var/lib/kubelet"; echo made >"$root/var/lib/kubelet/config.yaml"
    make "$k/kubelet.conf"
    make "$root/var/lib/kubelet/pki/kubelet-client-current.pem"
    mkdir -p "$root/api"; : >"$root/api/ready" ;;
  *) echo "unexpected: kubeadm $*" >&2; exit 1 ;;
esac
`,
  kubectl: `echo "kubectl $*" >>"$root/log"
tokens=$root/api/tokens
case "$*" in
  *'get --raw /readyz'*) ;;
  *'get certificatesigningrequests'*) for name in cp1 cp2 cp3 w1 w2; do echo "system:node:$name"; done ;;
  *'get node'*) cat "$root/api/node" 2>/dev/null || : ;;
  *'get secrets'*) for file in "$tokens"/*; do [ ! -e "$file" ] || echo "$(basename "$file") $(cat "$file")"; done ;;
  *'delete secret'*kubeadm-certs*) rm -f "$root/api/kubeadm-certs" ;;
  *'delete secret'*) for last; do :; done; rm -f "$tokens/$last" ;;
  *) echo "unexpected: kubectl $*" >&2; exit 1 ;;
esac
`,
  etcdctl: `cat "$root/api/members" 2>/dev/null || :
`,
  systemctl: `echo "systemctl $*" >>"$root/log"
`,
}
