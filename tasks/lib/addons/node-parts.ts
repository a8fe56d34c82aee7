import type { Plan, Step } from '../cli/change.ts'
import type { Finding } from '../cli/errors.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { nodeNamed } from '../config/nodes.ts'
import type { Machine } from '../node/machine.ts'
import type { NodeStep } from '../node/plan/plan-nodes.ts'
import type { NodePart, NodeProject, Project } from './part.ts'

/** Steps by the names of their parts, and the locks that making their changes takes. */
export interface NodePlan extends Pick<Plan, 'hold'> {
  steps: Map<string, Step>
  findings: Finding[]
}

/** What differs on the machines for these parts to hold; each machine is asked once. */
export async function planNodeParts(
  parts: NodePart[],
  { project, nodes, command }: { project: Project; nodes: ClusterNode[]; command: string },
): Promise<NodePlan> {
  const { config, signal } = project
  if (parts.length === 0) return { steps: new Map(), findings: [] }
  const { machinesOf } = await import('../node/ssh/shared-machines.ts')
  const { changedMachines } = await import('../node/plan/changed-machines.ts')
  const { planNodes } = await import('../node/plan/plan-nodes.ts')
  const machines = machinesOf(config, { signal })
  const wanted = { ...project, machines, nodes, parts: parts.map(({ name }) => name) }
  const asked = await Promise.all(
    parts.map(async (part) => {
      const { name, title, ownPace } = part
      const parallel = await sideBySide(part, wanted)
      return { name, title, ownPace, ...(parallel && { parallel }), work: await part.nodes(wanted) }
    }),
  )
  const options = { parallel: config.cluster.ssh.parallel, quorum: quorumOf(config), signal }
  const { steps, findings } = await project.output.live('machines', (say) =>
    planNodes(asked, { ...options, say }),
  )
  return {
    steps: new Map(steps.map((step) => [step.name, step])),
    findings,
    hold: (abort) => lock(changedMachines(steps, machinesIn(asked)), { signal: abort, command }),
  }
}

async function sideBySide({ parallel }: NodePart, project: NodeProject): Promise<number | undefined> {
  return typeof parallel === 'function' ? parallel(project) : parallel
}

/** The nodes that a task is about: those that are named, else $NODE, else all. */
export function askedNodes(config: Config, named: readonly string[] = []): ClusterNode[] {
  const variable = config.variables.get('NODE')?.value
  const names = named.length === 0 && variable ? [variable] : named
  return names.length > 0 ? names.map((name) => nodeNamed(config, name)) : config.cluster.nodes
}

// Machines without which the others of them cannot agree on anything.
function quorumOf({ cluster }: Config): string[] {
  const agreeing = cluster.nodes.filter(({ roles }) => roles.some((role) => role !== 'worker'))
  return agreeing.map(({ name }) => name)
}

function machinesIn(asked: NodeStep[]): Machine[] {
  const machines = new Map(asked.flatMap(({ work }) => work.map(({ machine }) => [machine.name, machine])))
  return [...machines.values()]
}

async function lock(
  machines: Machine[],
  { signal, command }: { signal: AbortSignal; command: string },
): Promise<() => Promise<void>> {
  const { holderText, lockMachines } = await import('../node/lock/lock.ts')
  return lockMachines(machines, { signal, holder: holderText(command) })
}
