import type { ClusterNode } from '../../config/model.ts'
import { hasKubelet } from '../../config/nodes.ts'
import { hasServingCertificates } from '../../kubernetes/kubeadm/component-configuration.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import { approveSoon } from '../../node/approver/approve-soon.ts'
import { approverResources } from '../../node/approver/approver.ts'
import { approvedServing } from '../../node/approver/serving-certificate.ts'
import { namesAdded } from '../../node/approver/table.ts'
import type { Errand } from '../../node/kubeadm/ticket-script.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { SetupScene } from './scene.ts'
import { founderOf } from './standing.ts'

/** What approves serving certificates, on the control planes of this run. The others learn of a node as it joins. */
export function approverWork(scene: SetupScene): NodeStep['work'] {
  const { config, machines, nodes } = scene
  if (!isWanted(scene)) return []
  const names = config.cluster.nodes.filter(hasKubelet)
  return controlPlaneNodes({ nodes }).map((node) => ({
    machine: machines.of(node),
    resources: approverResources(names),
  }))
}

/** What a control plane does for the serving certificate of a node, in the calls that give and take back its token. */
export function servingErrand(
  node: ClusterNode,
  scene: Pick<SetupScene, 'config' | 'standing'>,
): Errand | undefined {
  if (!isWanted(scene)) return undefined
  return {
    note: `its serving certificate may be for ${[node.name, node.address].filter(Boolean).join(' and ')}, and is approved`,
    giving: namesAdded(node),
    takingBack: approveSoon(node.name),
  }
}

/** The serving certificate of each kubelet of this run. */
export function servingWork(scene: SetupScene): NodeStep['work'] {
  const { config, machines, nodes, standing, survey } = scene
  if (!isWanted(scene)) return []
  const running = standing.kind === 'made' ? standing.controlPlanes : controlPlaneNodes(config.cluster)
  const founder = founderOf(standing)?.name
  const joins = ({ name }: ClusterNode) => !survey.states.get(name)?.isMember && name !== founder
  return nodes.filter(hasKubelet).map((node) => ({
    machine: machines.of(node),
    resources: [approvedServing(node.name, { controlPlanes: joins(node) ? [] : running.map(machines.of) })],
  }))
}

function isWanted({ config, standing }: Pick<SetupScene, 'config' | 'standing'>): boolean {
  return standing.kind !== 'unclear' && hasServingCertificates(config.cluster)
}
