/** One member as the others have it in their list, and what it said itself when it was asked. */
export interface EtcdMember {
  /** Hexadecimal, as etcdctl takes it. */
  id: string
  /** Undefined until it has started for the first time. */
  name?: string
  peerUrls: readonly string[]
  clientUrls: readonly string[]
  /** It copies and has no vote yet. */
  isLearner: boolean
  /** One for each time it was asked; undefined where no answer came. */
  answers: readonly (MemberAnswer | undefined)[]
}

export interface MemberAnswer {
  version: string
  bytes: number
  /** It knows a leader, so it is in touch with a majority. */
  hasLeader: boolean
  isLeader: boolean
  /** Alarms and other complaints, in etcd's words. */
  errors: readonly string[]
}

/** All that is known of an etcd cluster. */
export interface EtcdView {
  members: readonly EtcdMember[]
  /** The list is what a majority agrees on; else it is one member's memory, and nothing can be changed. */
  hasQuorum: boolean
}

/** healthy: answered each time, with a leader; gone: never answered; unsteady: anything between. */
export type MemberHealth = 'healthy' | 'unsteady' | 'gone'

/** How a member is, by all of its answers: one that failed once is not called gone. */
export function healthOf({ answers }: Pick<EtcdMember, 'answers'>): MemberHealth {
  if (answers.every((answer) => answer === undefined)) return 'gone'
  return answers.every((answer) => answer?.hasLeader) ? 'healthy' : 'unsteady'
}

/** Its newest answer. */
export function lastAnswer({ answers }: Pick<EtcdMember, 'answers'>): MemberAnswer | undefined {
  return answers.findLast((answer) => answer !== undefined)
}

/** What people call it: its name, or its id until it has one. */
export function memberTitle({ name, id }: Pick<EtcdMember, 'name' | 'id'>): string {
  return name ?? id
}
