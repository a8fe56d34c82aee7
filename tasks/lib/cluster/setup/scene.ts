import { isIP } from 'node:net'
import type { ClusterNode, Config } from '../../config/model.ts'
import type { KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'
import type { Machines } from '../../node/ssh/machines.ts'
import { type Standing, standingOf } from './standing.ts'

/** What setting up a cluster works with. */
export interface SetupScene {
  /** Each node with its address, also where that is not configured. */
  config: Config
  machines: Pick<Machines, 'of'>
  /** The nodes that this run is about. */
  nodes: readonly ClusterNode[]
  survey: KubernetesSurvey
  standing: Standing
}

/** Judges where the cluster stands, and fills in what machines say of their addresses. */
export function setupScene(scene: Pick<SetupScene, 'config' | 'machines' | 'nodes' | 'survey'>): SetupScene {
  const { survey } = scene
  const all = scene.config.cluster.nodes.map((node) => addressed(node, survey))
  const asked = scene.nodes.map(({ name }) => all.find((node) => node.name === name)!)
  const config = { ...scene.config, cluster: { ...scene.config.cluster, nodes: all } }
  return { ...scene, config, nodes: asked, standing: standingOf(config.cluster, survey) }
}

// The one that its kubelet would take by itself.
function addressed(node: ClusterNode, { states }: KubernetesSurvey): ClusterNode {
  const address = node.address ?? (isIP(node.name) ? node.name : states.get(node.name)?.address)
  return address ? { ...node, address } : node
}
