import type { Finding } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import { firstLabel } from '../../config/nodes.ts'
import { ownPeerUrl } from '../../kubernetes/kubeadm/topology.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import { kubeletConfig } from '../../node/kubeadm/paths.ts'
import { replacedMachine } from '../../node/kubeadm/roster.ts'
import { joinRefusal } from '../upgrade/version-policy.ts'
import type { SetupScene } from './scene.ts'
import { digestOf, sharedTexts } from './shared-texts.ts'

/** Why the machine of a node does not join, by what the survey says; undefined where it may, and for a member of that name. */
export function refusedJoin(node: ClusterNode, scene: SetupScene): Finding | undefined {
  const { standing, survey } = scene
  const state = survey.states.get(node.name)
  if (!state) return undefined
  const members = standing.kind === 'made' ? standing.controlPlanes : []
  const caHash = members.map(({ name }) => survey.states.get(name)?.caHash).find(Boolean)
  if ((state.isMember || state.begun) && caHash && state.caHash && state.caHash !== caHash)
    return toRebuild(node, 'its kubelet belongs to another cluster')
  if (state.isMember) return otherName(node, state)
  const newer = newerKubelet(node, { state, scene, members })
  if (newer || state.begun) return newer
  const isControlPlane = node.roles.includes('control-plane')
  return (
    occupied(node, state) ??
    replaced(node, { scene, members }) ??
    (isControlPlane ? members.map((member) => unlike(member, scene)).find(Boolean) : undefined)
  )
}

// Labels, volumes and certificates would be for a Node that there is not.
function otherName({ name }: ClusterNode, { nodeName = name }: KubernetesState): Finding | undefined {
  if (nodeName === name) return undefined
  const message = `its cluster knows it as node ${nodeName}, and cluster.yaml as ${name}`
  return { severity: 'error', message, hint: `in cluster.yaml: name: ${nodeName}` }
}

function toRebuild(node: ClusterNode, message: string): Finding {
  return { severity: 'error', message, hint: `to make it a node anew: tasks node:rebuild ${node.name}` }
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

function occupied(node: ClusterNode, { leftOvers, hasEtcdData }: KubernetesState): Finding | undefined {
  if (leftOvers.length > 0)
    return toRebuild(node, `an earlier cluster has left ${leftOvers[0]}: nothing is set up over it`)
  if (hasEtcdData && node.roles.includes('control-plane'))
    return toRebuild(node, '/var/lib/etcd holds data: nothing is set up over it')
  return undefined
}

// The join asks again: who is known may have changed since the plan, and here nobody may have told.
function replaced(
  node: ClusterNode,
  { scene, members }: { scene: SetupScene; members: ClusterNode[] },
): Finding | undefined {
  const roster = members.flatMap((member) => scene.survey.states.get(member.name)?.roster ?? [])
  const { name } = node
  const peerUrl = ownPeerUrl(scene.config.cluster, node)
  const known = replacedMachine({ name, label: firstLabel(name), peerUrl }, roster)
  const volume = node.volumes.find(({ path }) => kubeletConfig.startsWith(`${path}/`))
  if (!known || !volume) return known
  const hint = `where ${volume.path} is not mounted: tasks volumes; where the machine was replaced: ${known.hint}`
  return { ...known, hint }
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
