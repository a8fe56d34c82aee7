import { TaskError } from '../../../cli/errors.ts'
import { etcdEnvironmentFile } from '../../etcd/member-files.ts'
import type { Machine } from '../../machine.ts'
import { restoreFolder } from './names.ts'

/** How far a restore has come on a machine. */
export const stages = ['begun', 'prepared', 'stopped', 'exchanged', 'etcd', 'serving', 'finished'] as const
export type Stage = (typeof stages)[number]

/** What a machine's record says: one restore, of one set. */
export interface RestoreRecord {
  id: string
  /** SHA-256 of the encrypted set. */
  sha256: string
  set: string
  stage: Stage
}

/** A machine that a restore is about: a control plane, a member of etcd, or both, as its own files tell. */
export interface MemberState {
  machine: Machine
  record?: RestoreRecord
  etcd?: EtcdMember
  /** Where its API server answers: "10.0.0.11:6443"; undefined on a host of etcd alone. */
  server?: string
  /** Flags of etcdctl as its API server, or etcd itself, reaches etcd. */
  etcdctl: string[]
}

/** A member of etcd on a machine. */
export interface EtcdMember {
  name: string
  peerUrl: string
  dataDir: string
  /** The folder of its data is a file system of its own: it cannot be renamed, what is in it can. */
  isMount: boolean
  /** A systemd unit starts it; else a static pod of the kubelet. */
  isUnit: boolean
}

// Each flag stands in a line of its own, as kubeadm writes them. Manifests may have been put aside already.
const script = `aside=${restoreFolder}
at() { if [ -e "$aside/manifests/$1.yaml" ]; then echo "$aside/manifests/$1.yaml"; else echo "/etc/kubernetes/manifests/$1.yaml"; fi; }
flag() { if [ -e "$(at "$1")" ]; then sed -n "s/^ *- *--$2=//p" "$(at "$1")" | tr -d "\\"'" | head -n 1; fi; }
setting() { sed -n "s/^ETCD_$1=//p" ${etcdEnvironmentFile} | tr -d "\\"'"; }
say() { printf '%s\\t%s\\n' "$1" "$2"; }
if [ -e "$aside/record" ]; then say record "$(cat "$aside/record")"; fi
if [ -e "$(at etcd)" ]; then
  say name "$(flag etcd name)"; say peer "$(flag etcd initial-advertise-peer-urls)"; data=$(flag etcd data-dir)
elif [ -e ${etcdEnvironmentFile} ]; then
  say unit yes; say name "$(setting NAME)"; say peer "$(setting INITIAL_ADVERTISE_PEER_URLS)"; data=$(setting DATA_DIR)
  say servers "$(setting ADVERTISE_CLIENT_URLS)"; say cafile "$(setting TRUSTED_CA_FILE)"
  say certfile "$(setting CERT_FILE)"; say keyfile "$(setting KEY_FILE)"
fi
if [ -n "\${data:-}" ]; then say data "$data"; if mountpoint -q "$data"; then say mount yes; fi; fi
if [ -e "$(at kube-apiserver)" ]; then
  for name in servers cafile certfile keyfile; do say "$name" "$(flag kube-apiserver "etcd-$name")"; done
  say own "$(sed -n 's/^ *kubeadm.kubernetes.io\\/kube-apiserver.advertise-address.endpoint: *//p' "$(at kube-apiserver)" | tr -d "\\"'")"
fi
echo whole`

/** Asks a machine for its part in the cluster, and for the record of a restore that was begun. */
export async function readMember(machine: Machine, signal?: AbortSignal): Promise<MemberState> {
  const options = { title: 'look at its member of etcd', signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(script, options)
  const lines = stdout.split('\n').filter(Boolean)
  const values = new Map(lines.map((line) => line.split('\t') as [string, string]))
  const value = (key: string) => values.get(key) ?? ''
  const isMember = value('name') !== '' && value('peer') !== '' && value('data') !== ''
  if (lines.at(-1) !== 'whole' || !value('servers') || (!isMember && !value('own'))) throw unread(machine)
  const record = recordOf(value('record'), machine)
  return {
    machine,
    ...(record && { record }),
    ...(isMember && {
      etcd: {
        ...{ name: value('name'), peerUrl: value('peer'), dataDir: value('data') },
        ...{ isMount: value('mount') === 'yes', isUnit: value('unit') === 'yes' },
      },
    }),
    ...(value('own') && { server: value('own') }),
    etcdctl: [
      `--endpoints=${value('servers').split(',')[0]}`,
      `--cacert=${value('cafile')}`,
      `--cert=${value('certfile')}`,
      `--key=${value('keyfile')}`,
    ],
  }
}

function recordOf(text: string, machine: Machine): RestoreRecord | undefined {
  if (text === '') return undefined
  const [id, sha256, set, stage] = text.split(' ')
  if (id && sha256 && set && stages.includes(stage as Stage))
    return { id, sha256, set, stage: stage as Stage }
  throw new TaskError(`${machine.label}: ${restoreFolder}/record is not understood: ${text}`, {
    hint: 'look at it on the machine; nothing is changed before it can be read',
  })
}

function unread(machine: Machine): TaskError {
  return new TaskError(`${machine.label}: its files do not tell of a member of etcd or an API server`, {
    hint: `look at them: ssh ${machine.label} ls /etc/kubernetes/manifests ${restoreFolder}/manifests`,
  })
}
