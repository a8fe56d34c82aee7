import type { Check, Plan, Step } from '../../cli/change.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { planBackup } from '../backup/backup-now.ts'
import type { ClusterScene } from '../cluster.ts'
import { planNode } from './node-plan.ts'
import { readUpgrade, type UpgradeState } from './read-cluster.ts'
import { expectOwnKeys, expectOwnNetwork } from './settings.ts'
import { planSoftware } from './software.ts'
import { upgradeRefusal } from './version-policy.ts'

export interface UpgradeWish {
  version: string
  /** Workers that are empty at the same time. */
  parallel: number
  /** Also pods that nobody makes again are evicted. */
  force: boolean
  drainSeconds: number
  /** Also bring changed settings of kubelets and control planes to the cluster. */
  settings: boolean
}

/**
 * Takes a cluster to a version: a backup, the first control plane, the other ones one by one, then the workers. What is
 * there already is left out, so that a run that was ended goes on where it was.
 */
export async function planUpgrade(
  scene: ClusterScene,
  { version, parallel, force, drainSeconds, settings }: UpgradeWish,
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const state = await readUpgrade(scene)
  refuseOtherwise(state, version)
  if (settings) {
    expectOwnKeys(state.nodes)
    expectOwnNetwork(scene)
  }
  const config = { ...scene.config, cluster: { ...scene.config.cluster, kubernetesVersion: version } }
  const api = await scene.client()
  const upgrade = { ...scene, config, version, api, force, drainSeconds, settings }
  const software = await planSoftware(upgrade, { nodes: state.nodes.map(({ node }) => node), settings })
  const nodes = await Promise.all(
    state.nodes.map((node) =>
      planNode(node, { upgrade, state, software: software.programs.get(node.node.name)! }),
    ),
  )
  const controlPlanes = nodes.filter(({ isControlPlane }) => isControlPlane).map(({ step }) => step)
  const workers = together(
    nodes.filter(({ isControlPlane }) => !isControlPlane).map(({ step }) => step),
    parallel,
  )
  const isBegun = state.version === version
  const hasChanges = [...controlPlanes, workers].some(({ waves }) => waves.length > 0)
  const backup = hasChanges && !isBegun ? await backupFirst(scene) : { steps: [], findings: [] }
  const all = [...(software.images ? [software.images] : []), ...backup.steps, ...controlPlanes, workers]
  return {
    steps: all.filter(({ waves, unchanged }) => waves.length + unchanged.length > 0),
    findings: [
      ...software.findings,
      ...backup.findings,
      ...nodes.flatMap((one) => one.findings),
      ...leftOut(scene),
    ],
  }
}

function refuseOtherwise({ nodes }: UpgradeState, version: string): void {
  const running = nodes.map(({ node, apiServer, kubelet }) => ({ node: node.name, apiServer, kubelet }))
  const refusal = upgradeRefusal(running, version)
  if (refusal) throw new TaskError(refusal.message, { hint: refusal.hint })
}

// A window that slides: as soon as one worker is back, the next one is emptied.
function together(steps: readonly Step[], parallel: number): Step {
  const changes = steps.flatMap(({ waves }) => waves.flatMap((wave) => wave.changes))
  const checks: Check[] = steps.flatMap(({ unchanged }) => unchanged)
  return {
    name: 'workers',
    title: 'Workers',
    waves: changes.length > 0 ? [{ changes, parallel }] : [],
    unchanged: checks,
  }
}

async function backupFirst(scene: ClusterScene): Promise<Pick<Plan, 'steps' | 'findings'>> {
  try {
    return (await planBackup(scene)).planned
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    const [{ message, hint } = { message: error.message }] = error.findings
    const finding: Finding = { severity: 'warning', message: `no backup is made before: ${message}`, hint }
    return { steps: [], findings: [finding] }
  }
}

// A worker may come later; a control plane must not stay behind, and was refused before.
function leftOut({ survey }: Pick<ClusterScene, 'survey'>): Finding[] {
  return [...survey.unreachable].map(([name, { message, hint }]) => ({
    severity: 'warning',
    message: `${name} is left out: ${message}`,
    hint: hint ?? 'run the same command again when it is back',
  }))
}
