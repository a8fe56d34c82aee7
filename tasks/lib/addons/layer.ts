import { planSets } from '../api/plan.ts'
import type { ObjectSet } from '../api/run.ts'
import type { Plan, Step } from '../cli/change.ts'
import { type Finding, throwOnErrors } from '../cli/errors.ts'
import { packageRoot } from '../cli/root.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { isWanted } from './catalog.ts'
import { type NodePlan, planNodeParts } from './node-parts.ts'
import type { NodePart, Part, Project } from './part.ts'
import { withSecretChecksums } from './secret-checksum.ts'
import { reachTarget } from './set-target.ts'
import { namedSets } from './sets.ts'

/** What a plan needs of the task that makes it. */
export type PlanContext = Pick<Context, 'name' | 'root' | 'output' | 'signal'> & {
  options: GlobalOptions
  /** The nodes whose machines it is about: all unless told. */
  nodes?(config: Config): ClusterNode[]
  /** The command that comes next. */
  next?: string
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
  const onCluster =
    aboutObjects.length > 0 ? await planObjects(aboutObjects, { project, loaded, options }) : undefined
  const steps = wanted.flatMap(({ name, title, nodes: isAboutNodes }) => {
    const step = onNodes.steps.get(name) ?? onCluster?.steps.get(name)
    const isShown = step && !(isAboutNodes && isEmpty(step) && !options.only.includes(name))
    return isShown ? [{ ...step, name, title }] : []
  })
  return {
    target: `${isSimulated ? 'simulated ' : ''}machines of cluster ${config.cluster.name}`,
    ...onCluster?.target,
    hold: onNodes.hold,
    steps,
    next,
    findings: [
      ...config.findings,
      ...onNodes.findings,
      ...(onCluster?.findings ?? []),
      ...retirements(wanted),
    ],
  }
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

interface Loaded {
  sets: Map<string, ObjectSet>
  findings: Finding[]
}

async function loadParts(parts: Part[], project: Project): Promise<Loaded> {
  const names = parts.flatMap(({ manifest }) => manifest ?? [])
  const loaded = await namedSets(names, project)
  const sets = new Map<string, ObjectSet>()
  const findings = [...loaded.findings]
  for (const { name, title, manifest, objects, set } of parts) {
    if (manifest) sets.set(name, loaded.sets[names.indexOf(manifest)]!)
    if (set) {
      const made = await set(project)
      findings.push(...made.findings)
      sets.set(name, made.set)
    }
    if (!objects) continue
    const computed = await objects(project)
    findings.push(...computed.findings)
    sets.set(name, { name, title, source: `tasks ${name}`, objects: computed.objects })
  }
  throwOnErrors(findings)
  return { sets, findings }
}

interface ObjectPlan {
  steps: Map<string, Step>
  findings: Finding[]
  target: Pick<Plan, 'target' | 'fingerprint' | 'ask'>
}

async function planObjects(
  parts: Part[],
  { project, loaded, options }: { project: Project; loaded: Loaded; options: GlobalOptions },
): Promise<ObjectPlan> {
  const { config, output, signal } = project
  const findings = [...loaded.findings]
  const target = await reachTarget(config, { options, output, signal, findings })
  const { client, simulated, transient, fingerprint } = target
  const fitting = parts.flatMap(({ name, live }) => {
    const set = loaded.sets.get(name)
    return set ? [live?.(set, { client, signal }) ?? set] : []
  })
  const sets = await withSecretChecksums(await Promise.all(fitting), { client, signal })
  const setSteps = await planSets(client, sets, { simulated, transient, findings, signal })
  const steps = new Map([...loaded.sets.keys()].map((name, index) => [name, setSteps[index]!]))
  const cluster = { ...project, target, progress: { say: output.verbose, signal } }
  for (const { name, step } of parts) if (step) steps.set(name, await step(cluster))
  return { steps, findings, target: { target: target.name, fingerprint, ask: !simulated } }
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
