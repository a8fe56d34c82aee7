import type { ApiClient } from '../api/client.ts'
import { planSets } from '../api/plan.ts'
import type { ObjectSet } from '../api/run.ts'
import type { Plan, Step } from '../cli/change.ts'
import { type Finding, throwOnErrors } from '../cli/errors.ts'
import type { GlobalOptions } from '../cli/task.ts'
import type { Config } from '../config/model.ts'
import type { Part, Project } from './part.ts'
import { withSecretChecksums } from './secret-checksum.ts'
import { reachTarget } from './set-target.ts'
import { namedSets } from './sets.ts'

/** Sets by the names of their parts, read and checked. */
export interface Loaded {
  sets: Map<string, ObjectSet>
  findings: Finding[]
}

/** Reads what parts want to be in a cluster; throws on errors. */
export async function loadParts(parts: Part[], project: Project): Promise<Loaded> {
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

/** Steps by the names of their parts, and where they lead. */
export interface ObjectPlan {
  steps: Map<string, Step>
  findings: Finding[]
  target: Partial<Pick<Plan, 'target' | 'fingerprint' | 'ask'>>
}

export interface PlanObjectsOptions {
  project: Project
  loaded: Loaded
  options: GlobalOptions
  /** Nodes join before their turn comes: what is planned on the cluster itself is planned again. */
  isGrowing?: boolean
  /** Notes for who reads the plan, beyond what it changes. */
  remarks?(planned: Remarked): Promise<Finding[]>
}

/** What remarks are made on. */
export interface Remarked {
  parts: Part[]
  sets: ReadonlyMap<string, ObjectSet>
  client: ApiClient
  config: Config
}

/** What differs in the target for these parts to hold. */
export async function planObjects(
  parts: Part[],
  { project, loaded, options, isGrowing, remarks }: PlanObjectsOptions,
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
  for (const { name, step } of parts) {
    if (!step) continue
    const again = async () => ({ step: await step(cluster), findings: [] })
    steps.set(name, { ...(await step(cluster)), ...(isGrowing && { again }) })
  }
  findings.push(...((await remarks?.({ parts, sets: loaded.sets, client, config })) ?? []))
  return { steps, findings, target: { target: target.name, fingerprint, ask: !simulated } }
}
