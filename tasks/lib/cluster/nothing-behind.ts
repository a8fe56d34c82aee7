import type { Plan } from '../cli/change.ts'
import type { ClusterScene } from './cluster.ts'

/** A plan of nothing, that says why: no machine stands behind the nodes, or the cluster is made by somebody else. */
export function nothingBehind({
  config: { cluster, configured },
}: Pick<ClusterScene, 'config'>): Pick<Plan, 'steps' | 'findings'> {
  const message =
    configured && cluster.distribution === 'none'
      ? `cluster ${cluster.name} is made by somebody else: distribution is none in cluster.yaml`
      : 'simulated: no machine stands behind the nodes'
  return { steps: [], findings: [{ severity: 'note', message }] }
}
