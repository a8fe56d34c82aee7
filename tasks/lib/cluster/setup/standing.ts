import type { Finding } from '../../cli/errors.ts'
import type { Cluster, ClusterNode } from '../../config/model.ts'
import { controlPlaneNodes } from '../../kubernetes/kubeadm/topology.ts'
import type { KubernetesState, KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'

/** How far the cluster of a configuration is, by what its machines say. */
export type Standing =
  /** It is there: `controlPlanes` run its API. */
  | { kind: 'made'; controlPlanes: ClusterNode[] }
  /** No machine has anything of a cluster, or of ours alone, half made on `first`. */
  | { kind: 'new'; first: ClusterNode }
  /** Something is there, or cannot be seen: nothing is made over it. */
  | { kind: 'unclear'; first?: ClusterNode; why: Finding }

/** The control plane that a cluster is, or would be, made on; none where there is one already. */
export function founderOf(standing: Standing): ClusterNode | undefined {
  return standing.kind === 'made' ? undefined : standing.first
}

/** Judges what the survey says. A new cluster is only made where every control plane answers and nobody was there. */
export function standingOf(cluster: Pick<Cluster, 'nodes'>, survey: KubernetesSurvey): Standing {
  const planes = controlPlaneNodes(cluster)
  const state = ({ name }: ClusterNode) => survey.states.get(name)
  const begun = planes.find((node) => state(node)?.begun === 'init')
  const controlPlanes = planes.filter((node) => state(node)?.isControlPlane)
  if (begun && controlPlanes[0]) return { kind: 'unclear', first: begun, why: twice(begun, controlPlanes[0]) }
  if (begun) return { kind: 'new', first: begun }
  if (controlPlanes.length > 0) return { kind: 'made', controlPlanes }
  const first = planes.find((node) => state(node)?.isRestored) ?? planes[0]
  const evidence = cluster.nodes.flatMap((node) => evidenceOn(node, state(node)))
  const unseen = cluster.nodes.filter((node) => !state(node) && node.roles.includes('control-plane'))
  if (evidence.length > 0) return { kind: 'unclear', first, why: notOver(evidence) }
  if (unseen.length > 0 || !first) return { kind: 'unclear', first, why: notSeen(unseen) }
  return { kind: 'new', first }
}

function evidenceOn(node: ClusterNode, state: KubernetesState | undefined): string[] {
  if (!state || state.isRestored) return []
  const isPlane = node.roles.includes('control-plane')
  const found = [
    ...(state.isMember ? ['its kubelet belongs to a cluster'] : []),
    ...(state.begun ? ['it was joining a cluster'] : []),
    ...(isPlane && state.hasEtcdData ? ['/var/lib/etcd holds data'] : []),
    ...(state.leftOvers.length > 0 ? [`there is ${state.leftOvers[0]}`] : []),
  ]
  return found.length > 0 ? [`${node.name}: ${found.join(', ')}`] : []
}

function twice(begun: ClusterNode, running: ClusterNode): Finding {
  return {
    severity: 'error',
    message: `a cluster was begun on ${begun.name} while ${running.name} runs one`,
    hint: `where ${begun.name} is to join it: tasks node:rebuild ${begun.name}`,
  }
}

function notOver(evidence: string[]): Finding {
  return {
    severity: 'error',
    message: `no new cluster is made where one has been\n${evidence.join('\n')}`,
    hint:
      'a volume below /etc/kubernetes that is not mounted: tasks volumes; a lost cluster: tasks etcd:restore; ' +
      'machines that are to be used anew: docs/runbooks.md',
  }
}

function notSeen(unseen: ClusterNode[]): Finding {
  const names = unseen.map(({ name }) => name).join(', ')
  return {
    severity: 'error',
    message: names
      ? `no new cluster is made while a control plane cannot be asked: ${names}`
      : 'no node has the role control-plane',
    hint: names ? 'bring it back first: tasks nodes' : 'in cluster.yaml: roles: [control-plane]',
  }
}
