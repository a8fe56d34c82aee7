import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import type { ClusterScene } from '../cluster.ts'

/**
 * Throws a TaskError where a node is what the cluster cannot do without: its only control plane that answers, or the
 * machine at whose own address all nodes look for the API.
 */
export function refuseLast(
  { controlPlanes, survey, config }: Pick<ClusterScene, 'controlPlanes' | 'survey' | 'config'>,
  node: ClusterNode,
): void {
  const others = controlPlanes.filter(({ name }) => name !== node.name)
  if (others.length === 0) {
    const silent = [...survey.unreachable.keys()].filter((name) => name !== node.name)
    throw new TaskError(
      `without ${node.name}, no control plane of cluster ${config.cluster.name} is left that answers`,
      {
        findings: [
          {
            severity: 'error',
            message: `without ${node.name}, no control plane of cluster ${config.cluster.name} is left that answers`,
            hint:
              silent.length > 0
                ? `bring ${silent.join(' and ')} back first`
                : 'to take the whole cluster away: tasks cluster:reset; to bring it back on other machines: tasks etcd:restore',
          },
          ...survey.unreachable.values(),
        ],
      },
    )
  }
  const [user] = others.filter(({ name }) => isAt(survey.states.get(name)?.server, node))
  if (user)
    throw new TaskError(
      `all nodes reach the API at the address of ${node.name} alone: ${survey.states.get(user.name)!.server}`,
      { hint: 'give the cluster an endpoint first: endpoint in cluster.yaml, and docs/runbooks.md' },
    )
}

function isAt(server: string | undefined, { name, address }: ClusterNode): boolean {
  if (server === undefined) return false
  const { hostname } = new URL(server)
  return [name, address].includes(hostname.replace(/^\[|\]$/g, ''))
}
