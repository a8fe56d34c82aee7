import { randomBytes } from 'node:crypto'
import type { Finding } from '../../cli/errors.ts'
import { registerSecret } from '../../cli/redact.ts'
import type { ClusterNode } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { durationSeconds } from '../../kubernetes/kubeadm/duration.ts'
import { joinConfiguration, loanConfiguration } from '../../kubernetes/kubeadm/node-configuration.ts'
import {
  controlPlaneNodes,
  externalEtcdNodes,
  hostPort,
  workerNodes,
} from '../../kubernetes/kubeadm/topology.ts'
import { type JoinOptions, joinedNode } from '../../node/kubeadm/join.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Resource } from '../../node/resource.ts'
import { joinRefusal } from '../upgrade/version-policy.ts'
import { blockedResource } from './blocked.ts'
import type { SetupScene } from './scene.ts'
import { digestOf, sharedTexts } from './shared-texts.ts'

/** The workers of this run as members of the cluster. */
export function workersWork(scene: SetupScene): NodeStep['work'] {
  return joinWork(scene, workerNodes(scene))
}

/** The control planes of this run beside the first one, as members of the cluster. */
export function controlPlanesWork(scene: SetupScene): NodeStep['work'] {
  const { standing } = scene
  const first = standing.kind === 'made' ? undefined : standing.first?.name
  return joinWork(
    scene,
    controlPlaneNodes(scene).filter(({ name }) => name !== first),
  )
}

// Where it is not clear what is there, the step before says so, and nothing is joined to it.
function joinWork(scene: SetupScene, nodes: ClusterNode[]): NodeStep['work'] {
  if (scene.standing.kind === 'unclear') return []
  return nodes.map((node) => ({ machine: scene.machines.of(node), resources: [joinResource(node, scene)] }))
}

function joinResource(node: ClusterNode, scene: SetupScene): Resource {
  const state = scene.survey.states.get(node.name)
  const why = state && refusal(node, { state, scene })
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
    ...(isControlPlane && {
      ...(!isEtcdExternal && node.address && { peerUrl: `https://${hostPort(node.address, 2380)}` }),
      loan: () => loanOf(scene),
    }),
    // A host of an etcd outside of the control planes may be a worker too.
    hasOwnData: isEtcdExternal && node.roles.includes('etcd'),
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

function refusal(
  node: ClusterNode,
  { state, scene }: { state: KubernetesState; scene: SetupScene },
): Finding | undefined {
  const { standing, survey } = scene
  const hint = `to make it a node anew: tasks node:rebuild ${node.name}`
  const error = (message: string): Finding => ({ severity: 'error', message, hint })
  const members = standing.kind === 'made' ? standing.controlPlanes : []
  const caHash = members.map(({ name }) => survey.states.get(name)?.caHash).find(Boolean)
  if ((state.isMember || state.begun) && caHash && state.caHash && state.caHash !== caHash)
    return error('its kubelet belongs to another cluster')
  if (state.isMember) return undefined
  const newer = newerKubelet(node, { state, scene, members })
  if (newer || state.begun) return newer
  if (state.leftOvers.length > 0)
    return error(`an earlier cluster has left ${state.leftOvers[0]}: nothing is set up over it`)
  if (!node.roles.includes('control-plane')) return undefined
  if (state.hasEtcdData) return error('/var/lib/etcd holds data: nothing is set up over it')
  return members.map((member) => unlike(member, scene)).find(Boolean)
}

// What install brings is there before it joins; where it brings nothing, what is there counts.
function newerKubelet(
  node: ClusterNode,
  { state, scene, members }: { state: KubernetesState; scene: SetupScene; members: ClusterNode[] },
): Finding | undefined {
  const { software, kubernetesVersion } = scene.config.cluster
  const isInstalled = software.source === 'none'
  const kubelet = isInstalled ? state.versions.kubelet : kubernetesVersion
  const servers = members.flatMap(({ name }) => {
    const { apiServer } = scene.survey.states.get(name)!.versions
    return apiServer ? [{ node: name, apiServer }] : []
  })
  return kubelet ? joinRefusal({ node: node.name, kubelet, isInstalled }, servers) : undefined
}

// Its API server could not read Secrets, or would judge otherwise than the others.
function unlike(member: ClusterNode, { config, survey }: SetupScene): Finding | undefined {
  const { files } = survey.states.get(member.name)!
  const other = sharedTexts(config).find(({ path, content }) => files[path] !== digestOf(content))
  if (!other) return undefined
  return {
    severity: 'error',
    message: `${other.path} on ${member.name} is another one than the configuration gives, and control planes must have it alike`,
    hint: 'bring the control planes that are there to it first: tasks cluster:upgrade --settings',
  }
}
