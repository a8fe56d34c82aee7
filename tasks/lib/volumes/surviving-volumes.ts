import { type Finding, throwOnErrors } from '../cli/errors.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import type { Machine } from '../node/machine.ts'
import { ask } from '../node/plan/ask.ts'
import { adoptedVolume } from '../node/volumes/adopt.ts'
import { readState } from '../node/volumes/state/read-state.ts'
import { type Volume, volumesOfNode } from '../node/volumes/volume.ts'
import type { SecretProject } from '../secrets/project.ts'
import { headerBackup } from './header-backup.ts'

export interface SurvivingOptions {
  config: Config
  machine: Machine
  project: SecretProject
  /** Volumes that may be made anew and empty, by name. */
  given: readonly string[]
  signal: AbortSignal
}

/**
 * Whether a machine that is set up anew still has the volumes that it had: the LUKS UUID must be that of the header's
 * backup. Throws a TaskError for each that has not, unless it was named as one that may start empty.
 */
export async function survivingVolumes(node: ClusterNode, options: SurvivingOptions): Promise<Finding[]> {
  const { config, machine, project, given, signal } = options
  const volumes = volumesOfNode(node, config.cluster)
  if (volumes.length === 0) return []
  const resources = volumes.map(adoptedVolume)
  const answers = await ask(machine, { resources, signal })
  const findings = await Promise.all(
    volumes.map(async (volume, index) => {
      const kept = await headerBackup(volume, { project, now: () => new Date() }).kept()
      if (!kept) return []
      const present = readState(answers.get(resources[index]!)!, volume).content?.luks?.uuid
      return [judged(volume, { known: kept.uuid, present, isGiven: given.includes(volume.name) })]
    }),
  )
  throwOnErrors(findings.flat())
  return findings.flat()
}

/** What is said of one volume, by the UUID that its backup knows and the one that is there. */
export function judged(
  { node, name, device, place }: Volume,
  { known, present, isGiven }: { known: string; present?: string; isGiven: boolean },
): Finding {
  const volume = `volume ${node}/${name}`
  if (present === known)
    return { severity: 'note', message: `${volume} is kept as it is: LUKS UUID ${known}` }
  const reason = present
    ? `${device} has LUKS UUID ${present}, not ${known} as it had`
    : `it had LUKS UUID ${known}, and nothing of it is on this machine`
  if (isGiven)
    return { severity: 'warning', ...place, message: `${volume} will be made anew, and empty: ${reason}` }
  return {
    severity: 'error',
    ...place,
    message: `${volume}: ${reason}`,
    hint: `bring its disk back; or, if its data may be lost, name it: --new-volumes ${name}`,
  }
}
