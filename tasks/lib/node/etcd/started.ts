import type { Action, Resource } from '../resource.ts'
import { answerLines } from '../system/answers.ts'
import { type HostState, hostStateScript, readHostState } from './host-state.ts'
import { type HostCluster, type HostMember, initialFile, startCommands } from './member.ts'
import { foundingEnvironment } from './member-files.ts'
import { hostGuard, hostRefusal } from './refusals.ts'

/**
 * A member that is started: where none of the hosts has one that ever voted, as one of a new etcd. All of them start
 * side by side, and agree once most are there. What another etcd left is refused here, on every host.
 */
export function startedMember(
  member: HostMember,
  { cluster, isNew }: { cluster: HostCluster; isNew: boolean },
): Resource {
  return {
    target: 'data of etcd',
    probe: `${hostStateScript}\nsystemctl is-active etcd.service || :`,
    plan: (answer) => {
      const lines = answerLines(answer)
      const state = readHostState(lines.slice(0, -1))
      const isStarted = ['active', 'activating'].includes(lines.at(-1)!)
      const blocked = hostRefusal(state, { cluster: cluster.id, node: member.name })
      if (blocked) return { actions: [{ ...found(cluster), commands: [], blocked }] }
      return { actions: neededActions({ ...state, isStarted }, { cluster, isNew }) }
    },
  }
}

function neededActions(
  { record, hasData, isStarted }: HostState & { isStarted: boolean },
  { cluster, isNew }: { cluster: HostCluster; isNew: boolean },
): Action[] {
  if (isStarted && record) return []
  if (record && hasData) return [start(cluster)]
  return isNew ? [found(cluster)] : []
}

function start({ id }: HostCluster): Action {
  const commands = [hostGuard(id), 'systemctl daemon-reload', 'systemctl start --no-block etcd.service']
  return { action: 'run', title: 'start etcd', commands }
}

function found(cluster: HostCluster): Action {
  const names = cluster.members.map(({ name }) => name).join(', ')
  return {
    action: 'create',
    title: 'start a new etcd',
    after: [`a member of ${names}`],
    commands: [
      hostGuard(cluster.id),
      `cat >${initialFile}.next`,
      `grep -q '^ETCD_INITIAL_CLUSTER_TOKEN=${cluster.id}$' ${initialFile}.next`,
      `sync ${initialFile}.next`,
      `mv -fT ${initialFile}.next ${initialFile}`,
      ...startCommands(cluster.id),
    ],
    input: () => foundingEnvironment(cluster),
  }
}
