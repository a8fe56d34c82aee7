import { quote, quoteAll } from '../../../cli/process/quote.ts'
import { restoredRecord } from '../../kubeadm/paths.ts'
import { scratchFolder } from './names.ts'

// Until the data are in place the record has another name: nobody may take an empty folder for a restored one.
const nextRecord = `${restoredRecord}.next`

/** What a new machine gets to become the first control plane of a restored cluster. */
export interface NewMember {
  /** As kubeadm will name it: the node's name, and its address. */
  name: string
  peerUrl: string
  /** SHA-256 of the snapshot. */
  snapshot: string
  record: { set: string; sha256: string; kubeSystemUid: string; at: string }
}

// Nothing of another cluster, and nothing of this one that lives.
const guards = [
  'test ! -e /etc/kubernetes/kubelet.conf',
  'test ! -e /etc/kubernetes/manifests/kube-apiserver.yaml',
  'test ! -e /etc/kubernetes/manifests/etcd.yaml',
]

/** Files by path and base64, a line each, by stdin: authorities that all certificates hang on. What differs is a stop. */
export function authorityCommands(): string[] {
  return [
    ...guards,
    'umask 077',
    `while read -r path text; do file=/etc/kubernetes/$path; mkdir -p "\${file%/*}"; ` +
      'printf %s "$text" | base64 -d >"$file.next"; ' +
      'if test -e "$file"; then cmp "$file" "$file.next"; fi; mv -f "$file.next" "$file"; done',
    'chmod 755 /etc/kubernetes',
    'sync',
  ]
}

/** Restores the snapshot to where the first control plane will look for it. It comes by stdin, packed. */
export function newDataCommands({ name, peerUrl, snapshot, record }: NewMember): string[] {
  const file = `${scratchFolder}/new.db`
  return [
    ...guards,
    'test ! -e /var/lib/etcd/member',
    `install -d -m 0700 ${scratchFolder} /etc/kubernetes/metaltasks /var/lib/etcd`,
    `(umask 077; gzip -dc >${file})`,
    `echo ${quote(`${snapshot}  ${file}`)} | sha256sum -c --quiet`,
    'rm -rf /var/lib/etcd/restored-new',
    quoteAll([
      ...['etcdutl', 'snapshot', 'restore', file, '--data-dir', '/var/lib/etcd/restored-new', '--name', name],
      ...['--initial-advertise-peer-urls', peerUrl, '--initial-cluster', `${name}=${peerUrl}`],
      ...[
        '--initial-cluster-token',
        `restore-${record.at}`,
        '--bump-revision',
        '1000000000',
        '--mark-compacted',
      ],
    ]),
    'sync',
    `(umask 077; echo ${quote(JSON.stringify(record))} >${nextRecord})`,
    `sync ${nextRecord}`,
    'mv -T /var/lib/etcd/restored-new/member /var/lib/etcd/member',
    'rmdir /var/lib/etcd/restored-new',
    `rm -f ${file}`,
    'sync',
    ...recordCommands(record),
  ]
}

/** The last thing: from now on the machine counts as restored. */
export function recordCommands({ sha256 }: NewMember['record']): string[] {
  return [
    'test -d /var/lib/etcd/member/snap',
    `grep -qF ${sha256} ${nextRecord}`,
    `mv -f ${nextRecord} ${restoredRecord}`,
    'sync /etc/kubernetes/metaltasks',
  ]
}

/** Shell that prints how far it is: "restored", "moved" or "nothing". */
export function progressScript(sha256: string): string {
  const holds = (file: string) => `grep -qsF ${sha256} ${file}`
  return `if ! test -d /var/lib/etcd/member/snap; then echo nothing
elif ${holds(restoredRecord)}; then echo restored
elif ${holds(nextRecord)}; then echo moved
else echo nothing; fi`
}
