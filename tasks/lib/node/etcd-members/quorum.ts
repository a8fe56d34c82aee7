import { type EtcdMember, healthOf, memberTitle } from './member.ts'

/** Whether etcd goes on after a change, with the sum in words. */
export interface Verdict {
  isAllowed: boolean
  /** "etcd has 3 voting members, 2 of them healthy (cp1, cp3); without cp1 …" */
  sum: string
  /** Said where it is allowed and leaves nothing to spare. */
  warning?: string
}

/** How many voting members have to be healthy. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1
}

/** A member leaves for good: the others must have a majority among themselves. A learner has no vote to miss. */
export function judgeRemoval(members: readonly EtcdMember[], id: string): Verdict {
  const leaving = memberOf(members, id)
  if (leaving.isLearner) return { isAllowed: true, sum: `${memberTitle(leaving)} has no vote yet` }
  const rest = votersOf(members).filter((member) => member.id !== id)
  if (rest.length === 0)
    return { isAllowed: false, sum: `${memberTitle(leaving)} is the only voting member of etcd` }
  const healthy = healthyOf(rest)
  const needed = quorumOf(rest.length)
  const isAllowed = healthy.length >= needed
  const without = `without ${memberTitle(leaving)} there would be ${rest.length}, of which ${needed} must be healthy`
  const spare = healthy.length - needed
  return {
    isAllowed,
    sum: `${present(members)}; ${without}, and ${listed(healthy)}`,
    ...(isAllowed && spare === 0 && { warning: noneToSpare(rest.length) }),
  }
}

/** A member more: once it votes, the majority that is needed may be larger. */
export function judgeAddition(members: readonly EtcdMember[]): Verdict {
  const voters = votersOf(members)
  const healthy = healthyOf(voters)
  const learner = members.find(({ isLearner }) => isLearner)
  const needed = quorumOf(voters.length + 1)
  const isAllowed = healthy.length >= quorumOf(voters.length) && healthy.length + 1 >= needed
  const sum = `${present(members)}; with one more, ${needed} of ${voters.length + 1} must be healthy`
  if (learner)
    return {
      isAllowed: false,
      sum: `${memberTitle(learner)} (${learner.peerUrls.join(', ')}) is joining etcd already, one at a time`,
    }
  return { isAllowed, sum }
}

function memberOf(members: readonly EtcdMember[], id: string): EtcdMember {
  const member = members.find((one) => one.id === id)
  if (!member) throw new Error(`etcd has no member ${id}`)
  return member
}

function votersOf(members: readonly EtcdMember[]): EtcdMember[] {
  return members.filter(({ isLearner }) => !isLearner)
}

function healthyOf(members: readonly EtcdMember[]): EtcdMember[] {
  return members.filter((member) => healthOf(member) === 'healthy')
}

function present(members: readonly EtcdMember[]): string {
  const voters = votersOf(members)
  const healthy = healthyOf(voters)
  const all = healthy.length === voters.length
  return `etcd has ${voters.length} voting member${voters.length === 1 ? '' : 's'}, ${
    all ? 'all healthy' : `${healthy.length} of them healthy${named(healthy)}`
  }`
}

function listed(healthy: EtcdMember[]): string {
  if (healthy.length === 0) return 'none is'
  return `${healthy.length} ${healthy.length === 1 ? 'is' : 'are'}${named(healthy)}`
}

function named(members: EtcdMember[]): string {
  return members.length === 0 ? '' : ` (${members.map(memberTitle).join(', ')})`
}

function noneToSpare(voters: number): string {
  return voters === 1
    ? 'etcd then has one member: a backup is all that is left when it is lost'
    : `etcd then has ${voters} members and stops when one more is lost`
}
