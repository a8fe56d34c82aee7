import type { Finding } from '../../cli/errors.ts'
import type { Action } from '../resource.ts'
import type { EtcdAccess } from './access.ts'
import { removalCommands } from './change-commands.ts'
import { type EtcdMember, type EtcdView, memberTitle } from './member.ts'
import { judgeRemoval } from './quorum.ts'

/** The machine that a member should be on. */
export interface MemberSeat {
  /** "https://10.0.0.11:2380" */
  peerUrl: string
  /** /var/lib/etcd/member is there. */
  hasData: boolean
}

/**
 * The member that etcd still has for a machine that has lost its data: started again it would know nothing of what it
 * agreed to, so it has to go before the machine joins anew. One that was announced and never started is none.
 */
export function staleMember({ members }: EtcdView, { peerUrl, hasData }: MemberSeat): EtcdMember | undefined {
  if (hasData) return undefined
  return members.find(({ peerUrls, name }) => peerUrls.includes(peerUrl) && name !== undefined)
}

/** Takes a member out of etcd, where the others have a majority without it; else it is blocked with the sum. */
export function removeMember(
  { view, access }: { view: EtcdView; access: EtcdAccess },
  member: EtcdMember,
): Action {
  const { members, hasQuorum } = view
  const { isAllowed, sum, warning } = judgeRemoval(members, member.id)
  const title = `take ${memberTitle(member)} out of etcd`
  const before = [
    `member ${member.id} ${member.peerUrls.join(', ')}${member.isLearner ? ', without a vote yet' : ''}`,
  ]
  return {
    action: 'delete',
    title,
    before,
    commands: isAllowed && hasQuorum ? removalCommands(member, { access, members }) : [],
    notes: [sum, ...(warning ? [warning] : [])],
    ...(!(isAllowed && hasQuorum) && { blocked: refusal(title, { sum, hasQuorum }) }),
  }
}

function refusal(title: string, { sum, hasQuorum }: { sum: string; hasQuorum: boolean }): Finding {
  const reason = hasQuorum ? sum : 'etcd has no majority now, and without one nothing can be changed in it'
  return {
    severity: 'error',
    message: `cannot ${title}: ${reason}`,
    hint: hasQuorum
      ? 'bring the members back that do not answer: tasks etcd:members'
      : 'bring members back, or restore a backup: tasks etcd:restore',
  }
}
