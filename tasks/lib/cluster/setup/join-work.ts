import { randomBytes } from 'node:crypto'
import { registerSecret } from '../../cli/redact.ts'
import type { ClusterNode } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { durationSeconds } from '../../kubernetes/kubeadm/duration.ts'
import { joinConfiguration, loanConfiguration } from '../../kubernetes/kubeadm/node-configuration.ts'
import {
  controlPlaneNodes,
  externalEtcdNodes,
  ownPeerUrl,
  workerNodes,
} from '../../kubernetes/kubeadm/topology.ts'
import { type JoinOptions, joinedNode } from '../../node/kubeadm/join.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Resource } from '../../node/resource.ts'
import { blockedResource } from './blocked.ts'
import { refusedJoin } from './refused-join.ts'
import type { SetupScene } from './scene.ts'
import { servingErrand } from './serving-work.ts'
import { founderOf } from './standing.ts'

/** The workers of this run as members of the cluster. */
export function workersWork(scene: SetupScene): NodeStep['work'] {
  return joinWork(scene, workerNodes(scene))
}

/** The control planes of this run beside the first one, as members of the cluster. */
export function controlPlanesWork(scene: SetupScene): NodeStep['work'] {
  const founder = founderOf(scene.standing)?.name
  return joinWork(
    scene,
    controlPlaneNodes(scene).filter(({ name }) => name !== founder),
  )
}

// Where it is not clear what is there, the step before says so, and nothing is joined to it.
function joinWork(scene: SetupScene, nodes: ClusterNode[]): NodeStep['work'] {
  if (scene.standing.kind === 'unclear') return []
  return nodes.map((node) => ({ machine: scene.machines.of(node), resources: [joinResource(node, scene)] }))
}

function joinResource(node: ClusterNode, scene: SetupScene): Resource {
  const why = refusedJoin(node, scene)
  if (why) return blockedResource('member of the cluster', { title: 'join the cluster', why })
  return joinedNode(joinOptions(node, scene))
}

function joinOptions(node: ClusterNode, scene: SetupScene): JoinOptions {
  const { config, machines, standing } = scene
  const { timeouts } = config.cluster.kubeadm
  const isControlPlane = node.roles.includes('control-plane')
  const isEtcdExternal = externalEtcdNodes(config.cluster).length > 0
  const planes = controlPlaneNodes(config.cluster).filter(({ name }) => name !== node.name)
  const working = standing.kind === 'made' ? standing.controlPlanes : []
  return {
    machine: machines.of(node),
    isControlPlane,
    ...(timeouts.discovery && { patienceSeconds: durationSeconds(timeouts.discovery) }),
    issuers: [...planes.filter(isIn(working)), ...planes.filter((one) => !isIn(working)(one))].map(
      machines.of,
    ),
    ...(isControlPlane && { peerUrl: ownPeerUrl(config.cluster, node), loan: () => loanOf(scene) }),
    // A host of an etcd outside of the control planes may be a worker too.
    hasOwnData: isEtcdExternal && node.roles.includes('etcd'),
    errand: servingErrand(node, scene),
    config: ({ token, caHash }, certificateKey) =>
      yamlText(joinConfiguration(config, { node, ticket: { token, caHash, certificateKey } })),
    source: node.place,
  }
}

function isIn(nodes: readonly ClusterNode[]): (node: ClusterNode) => boolean {
  return ({ name }) => nodes.some((node) => node.name === name)
}

function loanOf({ config }: SetupScene): { text: string; certificateKey: string } {
  const certificateKey = randomBytes(32).toString('hex')
  registerSecret(certificateKey)
  return { text: yamlText(loanConfiguration(config, { certificateKey })), certificateKey }
}
