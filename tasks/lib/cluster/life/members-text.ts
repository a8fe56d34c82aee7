import {
  type EtcdMember,
  type EtcdView,
  healthOf,
  lastAnswer,
  memberTitle,
} from '../../node/etcd-members/member.ts'

/** A member as `etcd:members --json` gives it. */
export interface MemberRow {
  id: string
  name: string
  peerUrls: readonly string[]
  role: 'leader' | 'voter' | 'learner'
  version?: string
  bytes?: number
  health: 'healthy' | 'unsteady' | 'gone'
  errors: readonly string[]
}

/** The members in the order of their names. */
export function memberRows({ members }: EtcdView): MemberRow[] {
  return members
    .map((member) => {
      const answer = lastAnswer(member)
      return {
        id: member.id,
        name: memberTitle(member),
        peerUrls: member.peerUrls,
        role: roleOf(member),
        ...(answer && { version: answer.version, bytes: answer.bytes }),
        health: healthOf(member),
        errors: answer?.errors ?? [],
      }
    })
    .sort((one, other) => one.name.localeCompare(other.name))
}

/** The same as a table for people. */
export function membersTable(rows: readonly MemberRow[]): string {
  const table = [
    ['NAME', 'PEER URL', 'ROLE', 'VERSION', 'SIZE', 'HEALTH'],
    ...rows.map((row) => [
      row.name,
      row.peerUrls.join(' '),
      row.role,
      row.version ?? '-',
      row.bytes === undefined ? '-' : `${(row.bytes / 2 ** 20).toFixed(1)} MiB`,
      [row.health, ...row.errors].join(', '),
    ]),
  ]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

function roleOf(member: EtcdMember): MemberRow['role'] {
  if (member.isLearner) return 'learner'
  return lastAnswer(member)?.isLeader ? 'leader' : 'voter'
}
