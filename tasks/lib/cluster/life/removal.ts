import { TaskError } from '../../cli/errors.ts'
import type { ClusterScene } from '../cluster.ts'
import { refuseLast } from './last-control-plane.ts'
import { type Leaving, type PlannedLeaving, planLeaving } from './leaving.ts'
import { namedNode } from './named-node.ts'
import { refuseSimulated } from './real-machines.ts'
import { volumesOn } from './volumes-on.ts'

/** What node:remove does. A TaskError where the cluster has no such node, or cannot do without it. */
export async function planRemoval(
  scene: ClusterScene,
  { named, ...options }: Omit<Leaving, 'node'> & { named: string },
): Promise<PlannedLeaving> {
  refuseSimulated(scene)
  const node = namedNode(scene.config, named)
  refuseLast(scene, node)
  const planned = await planLeaving(scene, { node, ...options })
  planned.findings.push(...(await volumesOn(await scene.client(), { node: node.name, signal: scene.signal })))
  const isKnown = scene.config.cluster.nodes.includes(node)
  if (planned.steps.length === 0 && !isKnown)
    throw new TaskError(`neither the cluster nor cluster.yaml has a node ${named}`, {
      hint: 'kubectl get nodes; tasks etcd:members',
    })
  if (isKnown)
    planned.findings.push({
      severity: 'note',
      message: `${node.name} is still in cluster.yaml: tasks install would make it a node again`,
      hint: `take it out of nodes: in cluster.yaml${node.place ? ` (${node.place.file}:${node.place.line})` : ''}`,
    })
  return planned
}
