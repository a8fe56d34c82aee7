import { TaskError } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { nodeNamed } from '../../config/nodes.ts'
import { survivingVolumes } from '../../volumes/surviving-volumes.ts'
import type { ClusterScene } from '../cluster.ts'
import { refuseUnjoinable } from './joinable.ts'
import { refuseLast } from './last-control-plane.ts'
import { type Leaving, type PlannedLeaving, planLeaving } from './leaving.ts'

export interface Rebuilding extends Pick<Leaving, 'force' | 'drainSeconds'> {
  named: string
  /** Volumes that may be made anew and empty. */
  newVolumes: readonly string[]
}

/**
 * The first half of a rebuild: what the cluster still has of the node goes, and what its machine has of the cluster. A
 * TaskError where the machine does not answer, the cluster cannot do without it, it could not join again, or a volume of
 * it is missing.
 */
export async function planFarewell(
  scene: ClusterScene,
  { named, newVolumes, force, drainSeconds }: Rebuilding,
): Promise<PlannedLeaving & { node: ClusterNode }> {
  const { config, survey, project, signal } = scene
  const node = nodeNamed(config, named)
  if (!survey.states.has(node.name)) throw silent(scene, node)
  if (survey.states.get(node.name)!.isControlPlane || node.roles.includes('control-plane'))
    refuseLast(scene, node)
  await refuseUnjoinable(scene, node)
  const machine = scene.machine(node)
  const volumes = await survivingVolumes(node, { config, machine, project, given: newVolumes, signal })
  const planned = await planLeaving(scene, { node, resets: true, force, drainSeconds })
  const steps = planned.steps.map((step) => ({ ...step, transient: true }))
  return { ...planned, steps, node, findings: [...volumes, ...planned.findings] }
}

function silent({ survey }: ClusterScene, { name }: ClusterNode): TaskError {
  const message = `${name} does not answer, so it cannot be rebuilt`
  const hint = `install a system on it first, then tasks node:trust ${name}; or take it out: tasks node:remove ${name}`
  const reason = survey.unreachable.get(name)
  return new TaskError(message, {
    findings: [{ severity: 'error', message, hint }, ...(reason ? [reason] : [])],
  })
}
