import { quote } from '../../cli/process/quote.ts'
import type { EtcdView } from '../etcd-members/member.ts'
import type { Action, Answer, Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { joinActions, voteCommands } from './host-join.ts'
import { type HostState, hostStateScript, readHostState } from './host-state.ts'
import type { HostCluster, HostMember } from './member.ts'
import { hostGuard } from './refusals.ts'
import { hostEtcdctl, othersGuard, upCommands } from './wait-commands.ts'

export interface HostMemberOptions {
  cluster: HostCluster
  /** What the files of the unit are to hold, by path. */
  files: readonly { path: string; content: string }[]
  /** The members as the others tell; undefined where all hosts start a new etcd. */
  view?: EtcdView
}

/** A member of etcd that runs, with the settings it is to have, and takes part. For one host at a time. */
export function hostMember(member: HostMember, options: HostMemberOptions): Resource {
  return {
    target: 'member of etcd',
    settleSeconds: 60,
    probe: memberProbe(member, options),
    plan: (answer) => ({ actions: memberActions(member, { ...options, state: memberState(answer) }) }),
  }
}

interface MemberState extends HostState {
  isActive: boolean
  isHealthy: boolean
  /** Its settings, its unit or its program is newer than what runs. */
  isChanged: boolean
}

function memberProbe(member: HostMember, { files }: HostMemberOptions): string {
  const changes = files.map(({ path, content }) => {
    const differs = `! printf %s ${quote(content)} | cmp -s - ${path}`
    return `if ${differs} || test "$(stat -c %Y ${path})" -gt "$since"; then changed=changed; fi`
  })
  return [
    hostStateScript,
    'systemctl is-active etcd.service || :',
    'since=$(TZ=UTC systemctl show -p ActiveEnterTimestamp --value etcd.service)',
    'since=$(test -z "$since" && echo 0 || date -d "$since" +%s)',
    'changed=same',
    ...changes,
    'pid=$(systemctl show -p MainPID --value etcd.service)',
    `case $(readlink "/proc/$pid/exe" 2>/dev/null) in *'(deleted)') changed=changed ;; esac`,
    'echo "$changed"',
    `if ${hostEtcdctl([member])} endpoint health >/dev/null 2>&1; then echo healthy; else echo unhealthy; fi`,
  ].join('\n')
}

function memberState(answer: Answer): MemberState {
  const lines = answerLines(answer)
  const [active, changed, health] = lines.slice(-3)
  return {
    ...readHostState(lines.slice(0, -3)),
    isActive: active === 'active',
    isChanged: changed !== 'same',
    isHealthy: health === 'healthy',
  }
}

interface Scene extends HostMemberOptions {
  state: MemberState
}

function memberActions(member: HostMember, scene: Scene): Action[] {
  const { state, cluster, view } = scene
  // What does not go together is refused by the step before.
  if (state.record && state.record.cluster !== cluster.id) return []
  if (state.hasData ? !state.record : state.record?.isUp) return []
  if (view && !state.hasData) return joinActions(member, { cluster, view })
  const { isUp } = state.record ?? { isUp: false }
  if (isUp && state.isActive && state.isChanged) return [restartAction(member, cluster)]
  if (isUp && state.isActive && state.isHealthy) return []
  return [startAction(member, scene)]
}

function startAction(member: HostMember, { state, cluster, view }: Scene): Action {
  const isJoining = view !== undefined && !state.record?.isUp
  return {
    action: 'run',
    title:
      state.isActive || !state.hasData
        ? 'wait until its member of etcd takes part'
        : 'start its member of etcd',
    commands: [
      hostGuard(cluster.id),
      'systemctl start --no-block etcd.service',
      ...(isJoining ? voteCommands(member, view) : []),
      ...upCommands(member, cluster.id),
    ],
  }
}

function restartAction(member: HostMember, { id, members }: HostCluster): Action {
  return {
    action: 'run',
    title: 'restart etcd with its new settings',
    notes: ['only while all other members answer'],
    commands: [
      ...othersGuard(members.filter(({ name }) => name !== member.name)),
      'systemctl daemon-reload',
      'systemctl restart etcd.service',
      ...upCommands(member, id),
    ],
  }
}
