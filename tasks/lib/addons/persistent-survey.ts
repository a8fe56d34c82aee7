import { errorFindings } from '../cli/commands/error-findings.ts'
import type { Finding } from '../cli/errors.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { firstLabel } from '../config/nodes.ts'
import { parseSurvey, type Survey, surveyProbe } from '../node/directories/survey.ts'
import { volumesPath } from './persistent-parts.ts'
import { offersVolumes, volumesOf } from './persistent-volumes.ts'

/** What the machines hold of volumes, by the full name of each node that answered. */
export type Surveys = Map<string, Survey>

/** Asks all workers, in one round trip each; one that does not answer is named in a warning. Reads only. */
export async function surveyNodes(
  config: Config,
  signal: AbortSignal,
): Promise<{ surveys: Surveys; findings: Finding[] }> {
  const { machinesOf } = await import('../node/ssh/shared-machines.ts')
  const surveys: Surveys = new Map()
  const findings: Finding[] = []
  const folder = volumesPath(config)
  const machines = machinesOf(config, { signal })
  const askNode = async (node: ClusterNode) => {
    try {
      const options = { signal, timeoutSeconds: 60, title: 'look at its volumes' }
      const { stdout } = await machines.of(node).run(surveyProbe(folder), { ...options, allowFailure: true })
      surveys.set(node.name, parseSurvey(stdout, folder))
    } catch (error) {
      const [reason] = errorFindings(error)
      findings.push({
        ...reason!,
        severity: 'warning',
        message: `its volumes are left out: ${reason!.message}`,
      })
    }
  }
  await Promise.all(config.cluster.nodes.filter(offersVolumes).map(askNode))
  return { surveys, findings }
}

/** The directories that PersistentVolumes need and a machine has not, each node with the command that makes them. */
export function missingDirectories(config: Config, surveys: Surveys): Finding[] {
  return config.cluster.nodes.flatMap((node) => {
    const survey = surveys.get(node.name)
    if (!survey || !offersVolumes(node)) return []
    const there = new Set(survey.directories.map(({ path }) => path))
    const missing = volumesOf(node, config.cluster, volumesPath(config)).filter(
      ({ path }) => !there.has(path),
    )
    if (missing.length === 0) return []
    const label = firstLabel(node.name)
    const count = missing.length === 1 ? '1 directory is' : `${missing.length} directories are`
    return [
      {
        severity: 'warning' as const,
        message: `${label}: ${count} missing: ${missing[0]!.path}${missing.length > 1 ? ' and others' : ''}`,
        hint: `NODE=${label} tasks persistent-dirs`,
      },
    ]
  })
}
