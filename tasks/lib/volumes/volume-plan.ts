import type { Plan } from '../cli/change.ts'
import { allChanges } from '../cli/plan/plan-counts.ts'
import { holderText, lockMachines } from '../node/lock/lock.ts'
import type { VolumeScene } from './chosen-volumes.ts'

/** A plan about volumes: for the machines of the cluster, which are locked while it is carried out. */
export function volumePlan(
  planned: Pick<Plan, 'steps' | 'findings' | 'next' | 'ask'>,
  {
    scene,
    command,
    isKeyServerChanged,
  }: { scene: VolumeScene; command: string; isKeyServerChanged?: boolean },
): Plan {
  const { config, chosen, machines } = scene
  const keyServer = isKeyServerChanged ? machines.keyServer() : undefined
  const locked = new Set([...chosen.map(({ machine }) => machine), ...(keyServer ? [keyServer] : [])])
  const hasChanges = allChanges({ target: '', ...planned }).length > 0
  const nothing = { severity: 'note' as const, message: nothingText(scene) }
  return {
    target: `machines of cluster ${config.cluster.name}`,
    ...planned,
    next: hasChanges ? planned.next : 'tasks status',
    findings: chosen.length === 0 ? [nothing] : planned.findings,
    ...(hasChanges && {
      hold: (signal: AbortSignal) => lockMachines([...locked], { signal, holder: holderText(command) }),
    }),
  }
}

function nothingText({ isSimulated, config: { cluster } }: VolumeScene): string {
  const names = cluster.nodes.map(({ name }) => name).join(', ')
  if (isSimulated) return `simulated: no machine stands behind ${names}`
  return 'no encrypted volumes are configured: nodes: [{ name: kube1, volumes: … }] in cluster.yaml'
}
