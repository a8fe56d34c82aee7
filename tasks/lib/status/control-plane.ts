import { certificateRows } from '../cluster/certs/certificate-rows.ts'
import type { ClusterHealth } from '../cluster/health.ts'
import { backupAlarm } from '../node/etcd-backup/state.ts'
import { healthOf, memberTitle } from '../node/etcd-members/member.ts'
import type { ControlPlaneStatus, Status } from './model.ts'
import { byName, bytesText } from './words.ts'

/** A certificate that ends sooner is a problem. */
const soonDays = 30

/** What the machines told of the control plane. Pure. */
export function controlPlaneStatus({ survey, etcd, backups }: ClusterHealth, now: Date): ControlPlaneStatus {
  const rows = certificateRows(survey, { now, withinDays: soonDays })
  const first = [...survey.states.keys()].flatMap((node) => rows.find((row) => row.node === node) ?? [])
  return {
    certificates: first
      .map(({ node, file, expires, daysLeft }) => ({ node, file, expires: expires.toISOString(), daysLeft }))
      .sort((one, other) => byName(one.node, other.node)),
    etcd:
      etcd?.members.map((member) => {
        const answer = member.answers.findLast((one) => one !== undefined)
        return {
          name: memberTitle(member),
          health: healthOf(member),
          isLeader: answer?.isLeader ?? false,
          isLearner: member.isLearner,
          version: answer?.version ?? '',
          bytes: answer?.bytes ?? 0,
          errors: [...(answer?.errors ?? [])],
        }
      }) ?? [],
    backups: [...backups].map(([node, state]) => ({
      node,
      lastGood: state.good?.time.toISOString() ?? null,
      next: state.next?.toISOString() ?? null,
      alarm: backupAlarm(state, now) ?? null,
    })),
  }
}

/** One row for each machine: the certificate that ends first. */
export function certificateLines({ controlPlane }: Status): string[][] {
  return (controlPlane?.certificates ?? []).map(({ node, file, expires, daysLeft }) => [
    node,
    `until ${expires.slice(0, 10)}`,
    `${daysLeft} days`,
    file,
  ])
}

/** One row for each member of etcd. */
export function etcdRows({ controlPlane }: Status): string[][] {
  return (controlPlane?.etcd ?? []).map(({ name, health, isLeader, isLearner, version, bytes }) => [
    name,
    health,
    isLeader ? 'leader' : isLearner ? 'learner' : 'member',
    version,
    bytesText(bytes),
  ])
}

/** One row for each control plane: its last good backup. */
export function backupRows({ controlPlane }: Status): string[][] {
  return (controlPlane?.backups ?? []).map(({ node, lastGood, next, alarm }) => [
    node,
    lastGood ? `last good ${minute(lastGood)}` : 'no good one yet',
    next ? `next ${minute(next)}` : '',
    alarm ?? '',
  ])
}

/** What of it is not as it should be. */
export function controlPlaneProblems({ controlPlane }: Pick<Status, 'controlPlane'>): string[] {
  const { certificates = [], etcd = [], backups = [] } = controlPlane ?? {}
  return [
    ...etcd
      .filter(({ health }) => health !== 'healthy')
      .map(({ name, health }) => `etcd member ${name} is ${health}: tasks etcd:members`),
    ...etcd.flatMap(({ name, errors }) => errors.map((error) => `etcd member ${name}: ${error}`)),
    ...certificates
      .filter(({ daysLeft }) => daysLeft < soonDays)
      .map(({ node, file, daysLeft }) =>
        daysLeft < 0
          ? `${node}: ${file} has expired: tasks certs:renew`
          : `${node}: ${file} ends in ${daysLeft} days: tasks certs:renew`,
      ),
    ...backups.flatMap(({ node, alarm }) => (alarm ? [`${node}: ${alarm}`] : [])),
  ]
}

function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ')
}
