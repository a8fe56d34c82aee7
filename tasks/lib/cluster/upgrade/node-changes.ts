import type { ApiClient } from '../../api/client.ts'
import type { Change } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import { restartCommands } from '../../node/certificates/restart-static-pod.ts'
import { stateOf } from '../../node/kubeadm/survey.ts'
import { runAction } from '../../node/plan/run-action.ts'
import { evictAll, refuseUnowned } from '../life/drain/evict.ts'
import { type Pod, podTitle } from '../life/drain/pod.ts'
import { cordon, uncordon } from './cordon.ts'
import { controlPlaneReasons, type HealthScene, nodeReasons, untilWell } from './health.ts'
import type { UpgradeNode, UpgradeState } from './read-cluster.ts'
import { uploadCommand } from './settings.ts'
import { upgradeCommands } from './upgrade-command.ts'

interface KubeadmOptions {
  upgrade: Upgrade
  state: UpgradeState
  isFirst: boolean
  settings: NodeSettings
}

/** The settings of a node once it had its turn. */
export interface NodeSettings {
  digest: string
  /** They are other ones than it has now, as far as is known. */
  isOther: boolean
}

/** How the nodes of a cluster go to a version. */
export interface Upgrade extends HealthScene {
  version: string
  api: ApiClient
  /** Also pods that nobody makes again are evicted. */
  force: boolean
  drainSeconds: number
  /** Every node is to have the settings of cluster.yaml; false: it keeps those that it has. */
  settings: boolean
}

const patienceSeconds = 600
const hint = 'mend that, then run the same command again: it goes on from here'

/** Static pods and settings by kubeadm; a control plane waits before until all the others are well. */
export function kubeadmChange(
  { node, isControlPlane, apiServer, kubelet }: UpgradeNode,
  { upgrade, state, isFirst, settings }: KubeadmOptions,
): Change {
  const machine = upgrade.machine(node)
  const { version, config } = upgrade
  const upload = isFirst && settings.isOther ? [uploadCommand(config, { node, version: state.version })] : []
  const own = upgradeCommands(config, {
    ...{ version, isFirst },
    settings: settings.digest,
    restarts: settings.isOther ? restarts(node.name, isControlPlane) : [],
  })
  const commands = [...upload, ...own]
  const title = isFirst
    ? `let kubeadm take the cluster and this control plane to ${version}`
    : `let kubeadm take ${isControlPlane ? 'this control plane' : 'the settings of this node'} to ${version}`
  return {
    ...base(node.name, machine.label, title),
    before: [`Kubernetes ${apiServer ?? kubelet}`],
    after: [`Kubernetes ${version}`],
    commands,
    async run(progress) {
      const wait = { patienceSeconds, hint, progress }
      if (isControlPlane) await untilWell(() => controlPlaneReasons(upgrade), wait)
      await runAction(machine, { action: 'run', title, commands })
      if (isControlPlane) await untilWell(() => controlPlaneReasons(upgrade), wait)
    },
    async verify({ signal }) {
      const { versions } = await stateOf(machine, { signal })
      if (!isControlPlane || versions.apiServer === version) return
      throw new TaskError(`the API server of ${machine.label} is ${versions.apiServer}, not ${version}`, {
        hint,
      })
    },
  }
}

// An API server reads the content of its files, and a kubelet its settings, when it starts.
function restarts(node: string, isControlPlane: boolean): string[] {
  const server = restartCommands({ component: 'kube-apiserver', node, waitsForReady: true })
  return ['systemctl restart kubelet.service', ...(isControlPlane ? server : [])]
}

/** Moves pods off a node, as their budgets allow. */
export function drainChange(
  { node }: UpgradeNode,
  { upgrade, leaving }: { upgrade: Upgrade; leaving: readonly Pod[] },
): Change {
  const { api, force, drainSeconds } = upgrade
  const { label } = upgrade.machine(node)
  const blocked = blockedBy(leaving, { node: node.name, force })
  return {
    ...base(node.name, label, 'take no new pods, and evict those that are there as their budgets allow'),
    before: leaving.map(podTitle),
    ...(blocked && { blocked }),
    async run(progress) {
      await cordon(api, node.name)
      await evictAll(api, { node: node.name, force, timeoutSeconds: drainSeconds }, progress)
    },
    // They may be back by then.
    verify: async () => {},
  }
}

/** Starts the kubelet anew, where somebody else has installed it. */
export function kubeletChange({ node }: UpgradeNode, upgrade: Upgrade): Change {
  const machine = upgrade.machine(node)
  const { version } = upgrade
  const [title, commands] = [
    'start the kubelet anew',
    [`test "$(kubelet --version)" = 'Kubernetes v${version}'`, 'systemctl restart kubelet.service'],
  ]
  return {
    ...base(node.name, machine.label, title),
    commands,
    run: () => runAction(machine, { action: 'run', title, commands }),
    verify: async () => {},
  }
}

/** Waits until the node is back with its new kubelet, and lets pods onto it again. */
export function returnChange({ node, isControlPlane }: UpgradeNode, upgrade: Upgrade): Change {
  const { api, version } = upgrade
  const { label } = upgrade.machine(node)
  const ask = () => nodeReasons(upgrade, { name: node.name, version })
  return {
    ...base(node.name, label, 'wait until the node is ready, and let pods onto it again'),
    async run(progress) {
      const wait = { patienceSeconds, hint, progress }
      await untilWell(ask, wait)
      await uncordon(api, node.name)
      if (isControlPlane) await untilWell(() => controlPlaneReasons(upgrade), wait)
    },
    verify: (progress) => untilWell(ask, { patienceSeconds: 240, hint, progress }),
  }
}

function base(lane: string, label: string, title: string): Omit<Change, 'run' | 'verify'> {
  const words = `${label}: ${title}`
  return { action: 'run', lane, target: words, title: words, before: [], after: [] }
}

function blockedBy(leaving: readonly Pod[], options: { node: string; force: boolean }): Change['blocked'] {
  try {
    refuseUnowned(leaving, options)
    return undefined
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return error.findings[0]
  }
}
