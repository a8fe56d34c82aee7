import type { Progress } from '../../cli/change.ts'
import { type Place, TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import type { Beginning } from './kubernetes-state.ts'
import {
  beginningFile,
  etcdFolder,
  kubeletClientCertificate,
  kubeletConfig,
  kubeletSettings,
} from './paths.ts'
import {
  asideCommand,
  emptyGuard,
  endCommands,
  indented,
  type Record,
  readRecord,
  recordCommands,
  recordGuard,
} from './record.ts'
import { type Errand, ticketNote } from './ticket-script.ts'
import { type Ticket, ticketOf } from './tickets.ts'
import { authorities, kubeconfigs, leaves } from './traces.ts'

export interface JoinOptions {
  machine: Pick<Machine, 'name' | 'label'>
  isControlPlane: boolean
  /** Those that may give a ticket, in the order in which they are asked. */
  issuers: readonly Machine[]
  /** How long to wait for an API server that is not ready; 300 unless told. */
  patienceSeconds?: number
  /** Where its own etcd would be found: of a control plane with a member of its own. */
  peerUrl?: string
  /** It is a host of an etcd outside of the control planes: /var/lib/etcd is that one's. */
  hasOwnData?: boolean
  /** The configuration of kubeadm that lends a control plane's certificates, made anew for each try. */
  loan?(): { text: string; certificateKey: string }
  errand?: Errand
  /** The configuration that the node joins with. */
  config(ticket: Ticket, certificateKey?: string): string
  source?: Place
}

/**
 * A further node of a cluster. A join that was cut off is gone on with; on a machine that has anything of another
 * cluster it stops. Its ticket is taken when the commands run, reaches them by stdin, and is taken back.
 */
export function joinedNode(options: JoinOptions): Resource {
  return {
    target: options.isControlPlane ? 'control plane of the cluster' : 'member of the cluster',
    source: options.source,
    probe: `echo "record $(cat ${beginningFile} 2>/dev/null)"
test ! -e ${kubeletConfig} || echo member`,
    plan: (answer) => ({ actions: joinActions(answer, options) }),
  }
}

function joinActions(answer: Answer, options: JoinOptions): Action[] {
  const lines = wholeAnswer(answer).split('\n')
  const record = readRecord(lines.find((line) => line.startsWith('record '))?.slice(7) ?? '')
  if (!record && lines.includes('member')) return []
  const kind: Beginning = options.isControlPlane ? 'join-control-plane' : 'join'
  const title = `${record ? 'go on joining' : 'join'} the cluster as a ${options.isControlPlane ? 'control plane' : 'worker'}`
  const ticket = invitation(options, { isResumed: record !== undefined })
  return [
    {
      action: 'create',
      title,
      commands: record ? resumedCommands(record) : newCommands(kind, options),
      notes: [ticket.note],
      ...(record && record.kind !== kind && { blocked: otherKind(record) }),
      input: ticket.take,
      takeBack: ticket.giveBack,
    },
  ]
}

/** Stdin is looked at twice, and is on no disk: first for what has to be alike, then by kubeadm. */
const readStdin = 'config=$(cat)'
const alike = `sums=$(printf '%s\\n' "$config" | sed -n 's/^# sha256 //p')
test -z "$sums" || printf '%s\\n' "$sums" | sha256sum -c --quiet --strict - >&2`
const join = `printf '%s\\n' "$config" | kubeadm join --config /dev/stdin`

function newCommands(kind: Beginning, { hasOwnData }: JoinOptions): string[] {
  return [
    readStdin,
    emptyGuard({ except: hasOwnData ? [`${etcdFolder}/member`] : [] }),
    ...(kind === 'join-control-plane' ? [alike] : []),
    ...recordCommands({ kind, reached: 'begun' }),
    join,
    ...endCommands,
  ]
}

// A kubelet that can start and log in is known to the cluster, and kubeadm would refuse it as a stranger of that name. It
// writes its kubeconfig before it has the certificate that this names.
function resumedCommands(record: Record): string[] {
  const halfMade = [...leaves, ...authorities, ...kubeconfigs.filter((file) => file !== kubeletConfig)]
  return [
    readStdin,
    recordGuard(record),
    ...(record.kind === 'join-control-plane' ? [alike] : []),
    `skip=preflight
if test -s ${kubeletSettings} && test -s ${kubeletConfig} && test -s ${kubeletClientCertificate}; then
  skip=preflight,kubelet-start
  ${indented(asideCommand(halfMade, { empty: true }))}
  systemctl start kubelet
else
  systemctl stop kubelet${record.kind === 'join-control-plane' ? `\n  test ! -e ${etcdFolder}/member` : ''}
  ${indented(asideCommand([...halfMade, kubeletConfig, kubeletClientCertificate]))}
fi`,
    `${join} --skip-phases "$skip"`,
    ...endCommands,
  ]
}

function invitation(options: JoinOptions, { isResumed }: { isResumed: boolean }) {
  const { machine, peerUrl, issuers, errand, patienceSeconds } = options
  const { name, label } = machine
  const loaned = options.loan !== undefined
  const guest = { name, label, isResumed, errand, peerUrl }
  let certificateKey: string | undefined
  const joining = () => {
    const loan = options.loan?.()
    certificateKey = loan?.certificateKey
    return { ...guest, loan: loan?.text }
  }
  const { take, giveBack } = ticketOf({ issuers, joining, patienceSeconds })
  return {
    note: ticketNote({ ...guest, ...(loaned && { loan: 'lends' }) }),
    async take(progress?: Progress): Promise<string> {
      const ticket = await take(progress)
      const digests = ticket.digests.map(({ sha256, file }) => `# sha256 ${sha256}  ${file}\n`)
      return `${loaned ? digests.join('') : ''}${options.config(ticket, certificateKey)}`
    },
    giveBack,
  }
}

function otherKind({ kind }: Record) {
  const error = new TaskError(`a setup of another kind (${kind}) was begun here and not finished`, {
    hint: `with the roles that it had it would be finished; look at ${beginningFile}`,
  })
  return error.findings[0]!
}
