import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { learnerCommands, promoteCommands } from '../etcd-members/change-commands.ts'
import type { EtcdView } from '../etcd-members/member.ts'
import { judgeAddition, judgeRemoval } from '../etcd-members/quorum.ts'
import { staleMember } from '../etcd-members/stale.ts'
import type { Action } from '../resource.ts'
import {
  clientUrl,
  type HostCluster,
  type HostMember,
  hostFiles,
  initialFile,
  peerUrl,
  startCommands,
} from './member.ts'
import { hostGuard } from './refusals.ts'
import { hostEtcdctl, upCommands } from './wait-commands.ts'

// Which members are asked follows from the view.
const access = { endpoint: clientUrl({ address: '127.0.0.1' }), files: hostFiles }

/** A member joins others that have an etcd already; it copies their data before it gets a vote. */
export function joinActions(
  member: HostMember,
  { view, cluster }: { view: EtcdView; cluster: HostCluster },
): Action[] {
  const url = peerUrl(member)
  const blocked = joinRefusal(member, view)
  const title = 'join etcd, without a vote until it has caught up'
  if (blocked) return [{ action: 'create', title, commands: [], blocked }]
  const { members } = view
  return [
    {
      action: 'create',
      title,
      after: [`member ${member.name} at ${url}`],
      notes: [judgeAddition(members).sum],
      commands: [
        hostGuard(cluster.id),
        ...learnerCommands({ name: member.name, peerUrl: url }, { access, members }),
        ...peersCommands(member, cluster),
        ...startCommands(cluster.id),
      ],
    },
    {
      action: 'run',
      title: 'give it a vote once it has caught up',
      commands: [...voteCommands(member, view), ...upCommands(member, cluster.id)],
    },
  ]
}

/** Commands that make a voter of a member that copies. */
export function voteCommands(member: HostMember, { members }: EtcdView): string[] {
  return promoteCommands(peerUrl(member), { access, members })
}

// The list that etcd has now, in which the member must be announced and must not have been started: else it has lost
// what it agreed to.
function peersCommands(member: HostMember, { members }: HostCluster): string[] {
  const through = hostEtcdctl(members.filter(({ name }) => name !== member.name))
  const program = `{ name = $3; if (name == "") name = $1
  if ($4 == url) { announced = ($2 == "unstarted"); name = self }
  peers = peers (NR > 1 ? "," : "") name "=" $4 }
END { if (!announced) { print self " is no announced member that was never started" >"/dev/stderr"; exit 1 }
  print "ETCD_INITIAL_CLUSTER=" peers; print "ETCD_INITIAL_CLUSTER_STATE=existing" }`
  const variables = `-v url=${quote(peerUrl(member))} -v self=${quote(member.name)}`
  return [
    `listed=$(${through} member list -w simple)`,
    `printf '%s\\n' "$listed" | awk -F ', ' ${variables} ${quote(program)} >${initialFile}.next`,
    `sync ${initialFile}.next`,
    `mv -fT ${initialFile}.next ${initialFile}`,
  ]
}

function joinRefusal(member: HostMember, view: EtcdView): Finding | undefined {
  const stale = staleMember(view, { peerUrl: peerUrl(member), hasData: false })
  const { members } = view
  if (stale)
    return {
      severity: 'error',
      message: `etcd counts on its member ${stale.id}, whose data are not here: ${judgeRemoval(members, stale.id).sum}`,
      hint: `tasks node:rebuild ${member.name}`,
    }
  const isAnnounced = members.some(({ peerUrls }) => peerUrls.includes(peerUrl(member)))
  const verdict = judgeAddition(members)
  if (!view.hasQuorum || (!isAnnounced && !verdict.isAllowed))
    return {
      severity: 'error',
      message: `it cannot join etcd: ${view.hasQuorum ? verdict.sum : 'etcd has no majority now'}`,
      hint: 'bring the members back that do not answer: tasks etcd:members',
    }
  return undefined
}
