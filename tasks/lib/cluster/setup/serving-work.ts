import type { ClusterNode } from '../../config/model.ts'
import { hasServingCertificates } from '../../kubernetes/kubeadm/component-configuration.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import { approverResources } from '../../node/approver/approver.ts'
import { approvedServing } from '../../node/approver/serving-certificate.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { SetupScene } from './scene.ts'

/**
 * What approves serving certificates, on the control planes of this run and on those that are there: they have to know
 * the names of a node before it joins.
 */
export function approverWork(scene: SetupScene): NodeStep['work'] {
  const { config, machines, nodes, standing } = scene
  if (!isWanted(scene)) return []
  const names = config.cluster.nodes.filter(hasKubelet)
  const running = standing.kind === 'made' ? standing.controlPlanes : []
  const concerned = controlPlaneNodes(config.cluster).filter(({ name }) =>
    [...running, ...nodes].some((node) => node.name === name),
  )
  return concerned.map((node) => ({ machine: machines.of(node), resources: approverResources(names) }))
}

/** The serving certificate of each kubelet of this run. */
export function servingWork(scene: SetupScene): NodeStep['work'] {
  const { config, machines, nodes, standing } = scene
  if (!isWanted(scene)) return []
  const running = standing.kind === 'made' ? standing.controlPlanes : controlPlaneNodes(config.cluster)
  return nodes.filter(hasKubelet).map((node) => ({
    machine: machines.of(node),
    resources: [approvedServing(node.name, { controlPlanes: running.map(machines.of) })],
  }))
}

function isWanted({ config, standing }: SetupScene): boolean {
  return standing.kind !== 'unclear' && hasServingCertificates(config.cluster)
}

function hasKubelet({ roles }: ClusterNode): boolean {
  return roles.some((role) => role !== 'etcd')
}
