import { planSets } from '../api/plan.ts'
import type { ObjectSet } from '../api/run.ts'
import type { Plan, Progress, Step } from '../cli/change.ts'
import { type Finding, throwOnErrors } from '../cli/errors.ts'
import { packageRoot } from '../cli/root.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { Config } from '../config/model.ts'
import type { ManifestObject } from '../manifest/object.ts'
import type { Target } from '../sandbox/target.ts'
import { type Component, isWanted } from './catalog.ts'
import { withSecretChecksums } from './secret-checksum.ts'
import { reachTarget } from './set-target.ts'
import { namedSets } from './sets.ts'

/** One line of a recipe: a manifest's set, a set that is computed, or a step of its own kind. */
export interface Part {
  name: string
  title: string
  manifest?: string
  component?: Component
  objects?(project: Project): Promise<{ objects: ManifestObject[]; findings: Finding[] }>
  set?(project: Project): Promise<{ set: ObjectSet; findings: Finding[] }>
  step?(cluster: OpenCluster): Promise<Step>
}

export interface Project extends Pick<Context, 'output' | 'signal'> {
  config: Config
  packageRoot: string
}

export interface OpenCluster extends Project {
  target: Target
  progress: Progress
}

/** What a plan needs of the task that makes it. */
export type PlanContext = Pick<Context, 'root' | 'output' | 'signal'> & {
  options: GlobalOptions
  /** The command that comes next. */
  next?: string
}

/** What would change for these parts to hold, in their order, on the target that the configuration names. */
export async function planLayer(parts: Part[], context: PlanContext): Promise<Plan> {
  const { root, output, options, signal, next } = context
  const config = await loadConfig(root)
  const project = { config, packageRoot: packageRoot(), output, signal }
  const wanted = askedParts(parts, options.only).filter(
    ({ component }) => !component || isWanted(component, config),
  )
  const { sets, findings } = await loadParts(wanted, project)
  const target = await reachTarget(config, { options, output, signal, findings })
  const { client, simulated, transient } = target
  const complete = await withSecretChecksums([...sets.values()], { client, signal })
  const setSteps = await planSets(client, complete, { simulated, transient, findings, signal })
  const byPart = new Map([...sets.keys()].map((name, index) => [name, setSteps[index]]))
  const cluster = { ...project, target, progress: { say: output.verbose, signal } }
  const steps: Step[] = []
  for (const part of wanted) {
    const step = byPart.get(part.name) ?? (await part.step?.(cluster))
    if (step) steps.push({ ...step, name: part.name, title: part.title })
  }
  return {
    target: target.name,
    fingerprint: target.fingerprint,
    ask: !simulated,
    steps,
    next,
    findings: [...config.findings, ...findings, ...retirements(wanted)],
  }
}

// What is not asked for need not be loadable: secrets may be for other people's keys. A name that no part has is told
// of later, with those that there are.
function askedParts(parts: Part[], only: string[]): Part[] {
  const asked = parts.filter(({ name }) => only.includes(name))
  return only.every((name) => asked.some((part) => part.name === name)) && only.length > 0 ? asked : parts
}

async function loadParts(parts: Part[], project: Project) {
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

function retirements(parts: Part[]): Finding[] {
  return parts.flatMap(({ component }) => {
    if (!component?.retired) return []
    const { since, reason, successor } = component.retired
    const hint = `it still works; the way on: ${successor}`
    return { severity: 'warning' as const, message: `${reason} (since ${since})`, hint }
  })
}
