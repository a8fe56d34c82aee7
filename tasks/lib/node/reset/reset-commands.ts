import { etcdFolder, kubernetesFolder, recordFolder } from '../kubeadm/paths.ts'

const runtime = 'unix:///run/containerd/containerd.sock'
const crictl = `crictl --runtime-endpoint ${runtime}`

/** Where the kubelet keeps its files, links followed: kubeadm follows them too. */
const kubeletFolder = '$(readlink -f /var/lib/kubelet || echo /var/lib/kubelet)'

/** Ends the kubelet, and after it all pods: given half a minute each, eight at a time. */
export const stopCommands: string[] = [
  'if systemctl cat kubelet >/dev/null 2>&1; then systemctl stop kubelet; fi',
  'if command -v crictl >/dev/null && systemctl cat containerd >/dev/null 2>&1; then\n' +
    '  systemctl start containerd\n' +
    `  ${crictl} ps --quiet | xargs -r -n 2 -P 8 ${crictl} stop --timeout 30\n` +
    `  ${crictl} pods --quiet | xargs -r -n 8 ${crictl} rmp --force\n` +
    'fi',
]

/** Keeps the kubelet from starting again. */
export const disableCommands: string[] = [
  'if systemctl cat kubelet >/dev/null 2>&1; then systemctl disable kubelet; fi',
]

/** Takes away what the kubelet mounted for pods, innermost first; any other mount there ends it. */
export const unmountCommands: string[] = [
  `kubelet=${kubeletFolder}`,
  'findmnt -rn -o TARGET | { grep "^$kubelet/" || :; } | sort -r | while read -r path; do\n' +
    '  case $path in\n' +
    '    "$kubelet"/pods/*/volumes/* | "$kubelet"/pods/*/volume-subpaths/* | "$kubelet"/plugins/kubernetes.io/*)\n' +
    '      umount -- "$path" ;;\n' +
    '    *) echo "$path is mounted: kubeadm reset would delete what is in it" >&2; exit 1 ;;\n' +
    '  esac\n' +
    'done',
]

/** Ends unless nothing at all is mounted where kubeadm deletes. */
const mountGuard = `if findmnt -rn -o TARGET | grep "^${kubeletFolder}/"; then echo "still mounted, see above" >&2; exit 1; fi`

/** Shell that gives the time as names have it: 20261121T204500Z. */
export const timeNow = '$(date -u +%Y%m%dT%H%M%SZ)'

/** Puts the data of etcd aside under a name with the time: they are never deleted. */
export const keepEtcdCommands: string[] = [
  `if pgrep -x etcd >/dev/null; then echo "etcd still runs: its data are not touched" >&2; exit 1; fi`,
  `if mountpoint -q ${etcdFolder}; then mv -T ${etcdFolder}/member "${etcdFolder}/member.bak-${timeNow}"\n` +
    `else mv -T ${etcdFolder} "${etcdFolder}.bak-${timeNow}"; fi`,
]

/** Puts certificates, manifests and settings aside the same way. */
export const keepFilesCommands: string[] = [
  `if mountpoint -q ${kubernetesFolder}; then echo "${kubernetesFolder} is a mount point: empty it by hand" >&2; exit 1; fi`,
  `chmod 0700 ${kubernetesFolder}`,
  `mv -T ${kubernetesFolder} "${kubernetesFolder}.bak-${timeNow}"`,
]

/** The same where etcd on this machine stays: the record of what its data are of stays with it. */
export const keepMostFilesCommands: string[] = [
  keepFilesCommands[0]!,
  `aside="${kubernetesFolder}.bak-${timeNow}"`,
  'mkdir -m 0700 "$aside" "$aside/metaltasks"',
  `find ${kubernetesFolder} -mindepth 1 -maxdepth 1 ! -name metaltasks -exec mv -t "$aside" {} +`,
  `if test -d ${recordFolder}; then find ${recordFolder} -mindepth 1 ! -name etcd-member -exec mv -t "$aside/metaltasks" {} +; fi`,
]

/**
 * kubeadm's own reset of what is left. Its phase remove-etcd-member is always left out: it deletes what is in
 * /var/lib/etcd, of whatever cluster that is.
 */
export const resetCommands: string[] = [
  mountGuard,
  `kubeadm reset --force --cri-socket ${runtime} --skip-phases remove-etcd-member`,
  'for link in cni0 flannel.1; do if ip link show "$link" >/dev/null 2>&1; then ip link delete "$link"; fi; done',
]
