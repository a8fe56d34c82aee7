import { hasServingCertificates } from '../../kubernetes/kubeadm/component-configuration.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import { approverResources } from '../../node/approver/approver.ts'
import { approvedServing } from '../../node/approver/serving-certificate.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { SetupScene } from './scene.ts'

/**
 * What approves serving certificates, on all control planes that there are or will be, and then each node's certificate.
 * Control planes are part of it also where the run is about another node: they have to know its names.
 */
export function servingWork(scene: SetupScene): NodeStep['work'] {
  const { config, machines, nodes, standing } = scene
  if (standing.kind === 'unclear' || !hasServingCertificates(config.cluster)) return []
  const withKubelet = (one: { roles: string[] }) => one.roles.some((role) => role !== 'etcd')
  const names = config.cluster.nodes.filter(withKubelet)
  const all = controlPlaneNodes(config.cluster)
  const running = standing.kind === 'made' ? standing.controlPlanes : [standing.first]
  const concerned = all.filter((node) => [...running, ...nodes].some(({ name }) => name === node.name))
  return [
    ...concerned.map((node) => ({ machine: machines.of(node), resources: approverResources(names) })),
    ...nodes.filter(withKubelet).map((node) => ({
      machine: machines.of(node),
      resources: [approvedServing(running.map(machines.of))],
    })),
  ]
}
