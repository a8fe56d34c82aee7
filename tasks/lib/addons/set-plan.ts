import { buffer } from 'node:stream/consumers'
import { planSets } from '../api/plan.ts'
import type { PlanOptions } from '../api/run.ts'
import type { Plan } from '../cli/change.ts'
import { packageRoot } from '../cli/root.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { Mode } from '../manifest/mode.ts'
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

/** What would change for the cluster to hold these manifests: names, files or folders. */
export async function planManifests(
  asked: string[],
  context: Pick<Context, 'root' | 'output' | 'signal'> & { options: GlobalOptions; flags: SetFlags },
): Promise<Plan> {
  const { root, signal, flags } = context
  const { vars, subst, set, ...rest } = flags
  const config = await loadConfig(root, { varsFile: vars })
  const stdin = () => buffer(process.stdin)
  const wanted = { config, packageRoot: packageRoot(), mode: subst as Mode | undefined, set, stdin }
  const loaded = await namedSets(asked, wanted)
  const findings = [...config.findings, ...loaded.findings]
  const { name, client, simulated, transient, fingerprint } = await reachTarget(config, {
    ...context,
    findings,
  })
  const steps = await planSets(client, loaded.sets, { ...rest, signal, simulated, transient, findings })
  return { target: name, fingerprint, steps, findings, ask: !simulated }
}
