import type { Planned, Resource } from '../resource.ts'
import { wholeAnswer } from '../system/answers.ts'
import type { EtcdAccess } from './access.ts'
import type { EtcdMember, EtcdView } from './member.ts'
import { readView, viewScript } from './read-view.ts'
import { removeMember } from './stale.ts'

/** The machine whose member is to leave etcd. */
export interface LeavingMember {
  /** The node's name, which kubeadm gives its member. */
  name: string
  /** "https://10.0.0.11:2380"; not known where the configuration has no address. */
  peerUrl?: string
}

/** etcd without the member of a machine, as seen from another one. */
export function memberGone(access: EtcdAccess, leaving: LeavingMember): Resource {
  return {
    target: `etcd without ${leaving.name}`,
    probe: viewScript(access),
    plan: (answer) => planRemoval(readView(wholeAnswer(answer)), { access, leaving }),
  }
}

/** The members that a machine has in the list: one, or none; two only where something went wrong before. */
export function membersOf({ members }: EtcdView, { name, peerUrl }: LeavingMember): EtcdMember[] {
  return members.filter(
    (member) => member.name === name || (peerUrl !== undefined && member.peerUrls.includes(peerUrl)),
  )
}

function planRemoval(
  view: EtcdView,
  { access, leaving }: { access: EtcdAccess; leaving: LeavingMember },
): Planned {
  const [first] = membersOf(view, leaving)
  return { actions: first ? [removeMember({ view, access }, first)] : [] }
}
