import type { Change, Check, Step } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { podsOn } from '../life/drain/read-pods.ts'
import { drainRemarks } from '../life/drain/remarks.ts'
import { nodeReasons, untilWell } from './health.ts'
import {
  drainChange,
  kubeadmChange,
  kubeletChange,
  type NodeSettings,
  returnChange,
  type Upgrade,
} from './node-changes.ts'
import type { UpgradeNode, UpgradeState } from './read-cluster.ts'
import { settingsDigest } from './settings.ts'
import type { NodeSoftware } from './software.ts'

export interface PlannedNode {
  isControlPlane: boolean
  step: Step
  findings: Finding[]
}

interface NodeOptions {
  upgrade: Upgrade
  state: UpgradeState
  software: NodeSoftware
}

/**
 * What is left to do on a node: kubeadm in the new version, what kubeadm changes, and with the node empty the kubelet.
 * The kubelet comes last, so a node whose kubelet has the version has had all of it.
 */
export async function planNode(node: UpgradeNode, options: NodeOptions): Promise<PlannedNode> {
  const { upgrade, state, software } = options
  const { version } = upgrade
  const { name } = node.node
  const isFirst = state.nodes[0] === node
  const isOld = node.kubelet !== version
  const settings = settingsOf(node, upgrade)
  const isUnsettled = settings.isOther
  const needsKubeadm = isUnsettled || isBehind(node, { version, isFirst, state })
  const drain = isOld ? await planDrain(node, upgrade) : { changes: [], findings: [] }
  const changes = [
    ...(needsKubeadm ? changesIn(software.files) : []),
    ...changesIn(software.kubeadm),
    ...(needsKubeadm ? [kubeadmChange(node, { upgrade, state, isFirst, settings })] : []),
    ...drain.changes,
    ...changesIn(software.kubelet),
    ...(isOld && upgrade.config.cluster.software.source === 'none' ? [kubeletChange(node, upgrade)] : []),
    ...(needsKubeadm || isOld || node.isCordonedByUs ? [returnChange(node, upgrade)] : []),
  ]
  const step = {
    name,
    title: `${node.isControlPlane ? 'Control plane' : 'Worker'} ${name}: ${isUnsettled ? 'settings, ' : ''}${node.kubelet} to ${version}`,
    waves: changes.length > 0 ? [{ changes, parallel: 1 }] : [],
    unchanged: [
      ...(changes.length > 0 ? [] : [nodeCheck(name, upgrade)]),
      ...software.kubeadm.unchanged,
      ...software.kubelet.unchanged,
    ],
  }
  return { isControlPlane: node.isControlPlane, step, findings: drain.findings }
}

function settingsOf(
  { isControlPlane, settings = '' }: UpgradeNode,
  upgrade: Pick<Upgrade, 'config' | 'settings'>,
): NodeSettings {
  const digest = upgrade.settings ? settingsDigest(upgrade.config, { isControlPlane }) : settings
  return { digest, isOther: digest !== settings }
}

// A worker tells by nothing but its record that kubeadm came to its end there; as long as its kubelet is old it matters.
function isBehind(
  { isControlPlane, apiServer, kubelet, upgradedTo }: UpgradeNode,
  { version, isFirst, state }: { version: string; isFirst: boolean; state: UpgradeState },
): boolean {
  if (isControlPlane && apiServer !== version) return true
  if (isFirst && state.version !== version) return true
  return kubelet !== version && upgradedTo !== version
}

async function planDrain(
  node: UpgradeNode,
  upgrade: Upgrade,
): Promise<{ changes: Change[]; findings: Finding[] }> {
  const { api, signal } = upgrade
  const { name } = node.node
  const { leaving } = await podsOn(api, { node: name, signal })
  if (node.isCordoned && leaving.length === 0) return { changes: [], findings: [] }
  const findings = await drainRemarks(api, { node: name, leaving, signal })
  return { changes: [drainChange(node, { upgrade, leaving })], findings }
}

function changesIn({ waves }: Step): Change[] {
  return waves.flatMap(({ changes }) => changes)
}

function nodeCheck(name: string, upgrade: Upgrade): Check {
  return {
    target: `Node ${name}`,
    verify: (progress) =>
      untilWell(() => nodeReasons(upgrade, { name, version: upgrade.version }), {
        patienceSeconds: 240,
        hint: 'kubectl get nodes; kubectl -n kube-system get pods',
        progress,
      }),
  }
}
