import type { Plan, Step } from '../cli/change.ts'
import type { Finding } from '../cli/errors.ts'
import { allChanges } from '../cli/plan/plan-counts.ts'
import { packageRoot } from '../cli/root.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { isWanted } from './catalog.ts'
import { type NodePlan, planNodeParts } from './node-parts.ts'
import { loadParts, type ObjectPlan, type PlanObjectsOptions, planObjects } from './object-plan.ts'
import { objectsLater } from './objects-later.ts'
import type { NodePart, Part } from './part.ts'

/** What a plan needs of the task that makes it. */
export type PlanContext = Pick<Context, 'name' | 'root' | 'output' | 'signal'> & {
  options: GlobalOptions
  /** The nodes whose machines it is about: all unless told. */
  nodes?(config: Config): ClusterNode[]
  /** The command that comes next. */
  next?: string
  remarks?: PlanObjectsOptions['remarks']
}

/** What would change for these parts to hold, in their order, on the target and machines that the configuration names. */
export async function planLayer(parts: Part[], context: PlanContext): Promise<Plan> {
  const { name, root, output, options, signal, next } = context
  const config = await loadConfig(root)
  const project = { config, packageRoot: packageRoot(), output, signal }
  const wanted = askedParts(parts, options.only).filter(
    ({ component }) => !component || isWanted(component, config),
  )
  const aboutNodes = wanted.filter((part): part is NodePart => part.nodes !== undefined)
  const aboutObjects = wanted.filter(({ nodes }) => !nodes)
  const loaded = await loadParts(aboutObjects, project)
  const nodes = context.nodes?.(config) ?? config.cluster.nodes
  const isSimulated = !config.configured || options.sandbox
  const onNodes = isSimulated
    ? simulatedNodes(aboutNodes, { nodes, isAlone: aboutObjects.length === 0 })
    : await planNodeParts(aboutNodes, { project, nodes, command: `tasks ${name}` })
  const onCluster = await onTarget(aboutObjects, {
    ...{ project, loaded, options, remarks: context.remarks },
    isMade: hasChanges(
      aboutNodes.filter((part) => part.makesCluster),
      onNodes,
    ),
    isGrowing: hasChanges(
      aboutNodes.filter((part) => part.addsNodes),
      onNodes,
    ),
  })
  const steps = wanted.flatMap(({ name, title, nodes: isAboutNodes }) => {
    const step = onNodes.steps.get(name) ?? onCluster.steps?.get(name)
    const isShown = step && !(isAboutNodes && isEmpty(step) && !options.only.includes(name))
    return isShown ? [{ ...step, name, title }] : []
  })
  return {
    target: `${isSimulated ? 'simulated ' : ''}machines of cluster ${config.cluster.name}`,
    ...onCluster.target,
    hold: onNodes.hold,
    steps,
    next,
    findings: [
      ...config.findings,
      ...onNodes.findings,
      ...(onCluster.findings ?? []),
      ...retirements(wanted),
    ],
  }
}

interface OnTarget extends PlanObjectsOptions {
  /** An earlier step of this plan makes the cluster. */
  isMade: boolean
}

async function onTarget(parts: Part[], { isMade, ...rest }: OnTarget): Promise<Partial<ObjectPlan>> {
  if (parts.length === 0) return {}
  return isMade ? objectsLater(parts, rest) : planObjects(parts, rest)
}

function hasChanges(parts: NodePart[], { steps }: NodePlan): boolean {
  const some = parts.flatMap(({ name }) => steps.get(name) ?? [])
  return allChanges({ target: '', steps: some, findings: [] }).length > 0
}

// What is not asked for need not be loadable: secrets may be for other people's keys. A name that no part has is told
// of later, with those that there are.
function askedParts(parts: Part[], only: string[]): Part[] {
  const asked = parts.filter(({ name }) => only.includes(name))
  return only.every((name) => asked.some((part) => part.name === name)) && only.length > 0 ? asked : parts
}

// A line of the recipe that this configuration has no use for: a key server where there is none.
function isEmpty({ waves, unchanged }: Step): boolean {
  return waves.length === 0 && unchanged.length === 0
}

/** Nothing stands behind simulated nodes; that is said where there is nothing else to do. */
function simulatedNodes(
  parts: NodePart[],
  { nodes, isAlone }: { nodes: ClusterNode[]; isAlone: boolean },
): NodePlan {
  if (!isAlone) return { steps: new Map(), findings: [] }
  const names = nodes.map(({ name }) => name).join(', ')
  const message = `simulated: no machine stands behind ${names}`
  const steps = new Map<string, Step>()
  for (const { name, title } of parts) steps.set(name, { name, title, waves: [], unchanged: [] })
  return { steps, findings: [{ severity: 'note', message }] }
}

function retirements(parts: Part[]): Finding[] {
  return parts.flatMap(({ component }) => {
    if (!component?.retired) return []
    const { since, reason, successor } = component.retired
    const hint = `it still works; the way on: ${successor}`
    return { severity: 'warning' as const, message: `${reason} (since ${since})`, hint }
  })
}
