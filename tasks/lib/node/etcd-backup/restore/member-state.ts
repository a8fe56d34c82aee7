import { TaskError } from '../../../cli/errors.ts'
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

/** A control plane with a member of etcd, as its manifests tell; they may have been put aside already. */
export interface MemberState {
  machine: Machine
  record?: RestoreRecord
  /** Name and address of its member. */
  name: string
  peerUrl: string
  dataDir: string
  /** The folder of its data is a file system of its own: it cannot be renamed, what is in it can. */
  isMount: boolean
  /** Flags of etcdctl as its API server reaches etcd. */
  etcdctl: string[]
  /** "10.0.0.11:6443" */
  server: string
  /** SHA-256 of its encryption file; undefined where it has none. */
  encryption?: string
}

// Each flag stands in a line of its own, as kubeadm writes them.
const script = `aside=${restoreFolder}
at() { if [ -e "$aside/manifests/$1.yaml" ]; then echo "$aside/manifests/$1.yaml"; else echo "/etc/kubernetes/manifests/$1.yaml"; fi; }
flag() { sed -n "s/^ *- *--$2=//p" "$(at "$1")" | tr -d "\\"'" | head -n 1; }
printf 'record\\t%s\\n' "$(cat "$aside/record" 2>/dev/null)"
printf 'name\\t%s\\n' "$(flag etcd name)"
printf 'peer\\t%s\\n' "$(flag etcd initial-advertise-peer-urls)"
printf 'data\\t%s\\n' "$(flag etcd data-dir)"
mountpoint -q "$(flag etcd data-dir)" && printf 'mount\\tyes\\n'
for name in cafile certfile keyfile; do printf '%s\\t%s\\n' "$name" "$(flag kube-apiserver "etcd-$name")"; done
printf 'servers\\t%s\\n' "$(flag kube-apiserver etcd-servers)"
printf 'own\\t%s\\n' "$(sed -n 's/^ *kubeadm.kubernetes.io\\/kube-apiserver.advertise-address.endpoint: *//p' "$(at kube-apiserver)" | tr -d "\\"'")"
printf 'encryption\\t%s\\n' "$(sha256sum /etc/kubernetes/enc/config.yaml 2>/dev/null | cut -d ' ' -f 1)"
echo whole`

/** Asks a control plane for its member and for the record of a restore that was begun. */
export async function readMember(machine: Machine, signal?: AbortSignal): Promise<MemberState> {
  const options = { title: 'look at its member of etcd', signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(script, options)
  const lines = stdout.split('\n').filter(Boolean)
  const values = new Map(lines.map((line) => line.split('\t') as [string, string]))
  const value = (key: string) => values.get(key) ?? ''
  const name = value('name')
  if (lines.at(-1) !== 'whole' || !name || !value('peer') || !value('data') || !value('own'))
    throw unread(machine)
  const record = recordOf(value('record'), machine)
  return {
    machine,
    ...(record && { record }),
    name,
    peerUrl: value('peer'),
    dataDir: value('data'),
    isMount: value('mount') === 'yes',
    etcdctl: [
      `--endpoints=${value('servers').split(',')[0]}`,
      `--cacert=${value('cafile')}`,
      `--cert=${value('certfile')}`,
      `--key=${value('keyfile')}`,
    ],
    server: value('own'),
    ...(value('encryption') && { encryption: value('encryption') }),
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
  return new TaskError(`${machine.label}: its manifests do not tell of a member of etcd`, {
    hint: `look at them: ssh ${machine.label} ls /etc/kubernetes/manifests ${restoreFolder}/manifests`,
  })
}
