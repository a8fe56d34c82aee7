import { buffer } from 'node:stream/consumers'
import { planSets } from '../api/plan.ts'
import type { ObjectSet, PlanOptions } from '../api/run.ts'
import type { Plan } from '../cli/change.ts'
import type { Finding } from '../cli/errors.ts'
import { packageRoot } from '../cli/root.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { Config } from '../config/model.ts'
import type { Mode } from '../manifest/mode.ts'
import { withSecretChecksums } from './secret-checksum.ts'
import { reachTarget } from './set-target.ts'
import { namedSets } from './sets.ts'

/** How manifests become sets, and what may be done to make the cluster hold them. */
export interface SetFlags
  extends Pick<
    PlanOptions,
    | 'forceConflicts'
    | 'replace'
    | 'prune'
    | 'pruneMany'
    | 'moved'
    | 'includeNamespaces'
    | 'includeCrds'
    | 'includeVolumes'
  > {
  vars?: string
  subst?: string
  set?: string
}

type PlanContext = Pick<Context, 'root' | 'output' | 'signal'> & { options: GlobalOptions; flags: SetFlags }

/** What would change for the cluster to hold these manifests: names, files or folders. */
export async function planManifests(asked: string[], context: PlanContext): Promise<Plan> {
  const { vars, subst, set, ...rest } = context.flags
  const config = await loadConfig(context.root, { varsFile: vars })
  const stdin = () => buffer(process.stdin)
  const wanted = { config, packageRoot: packageRoot(), mode: subst as Mode | undefined, set, stdin }
  return planLoaded(config, await namedSets(asked, wanted), { ...context, flags: rest })
}

/** The same for one set that is made of something else. */
export async function planOneSet(
  load: (config: Config) => Promise<{ set: ObjectSet; findings: Finding[] }>,
  context: PlanContext,
): Promise<Plan> {
  const config = await loadConfig(context.root)
  const { set, findings } = await load(config)
  return planLoaded(config, { sets: [set], findings }, context)
}

async function planLoaded(
  config: Config,
  loaded: { sets: ObjectSet[]; findings: Finding[] },
  context: PlanContext,
): Promise<Plan> {
  const { signal, flags } = context
  const findings = [...config.findings, ...loaded.findings]
  const { name, client, simulated, transient, fingerprint } = await reachTarget(config, {
    ...context,
    findings,
  })
  const sets = await withSecretChecksums(loaded.sets, { client, signal })
  const steps = await planSets(client, sets, { ...flags, signal, simulated, transient, findings })
  return { target: name, fingerprint, steps, findings, ask: !simulated }
}
