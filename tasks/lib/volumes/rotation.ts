import type { Change, Plan } from '../cli/change.ts'
import { TaskError, throwOnErrors } from '../cli/errors.ts'
import { planNodes } from '../node/plan/plan-nodes.ts'
import { nameOf, type RotatedVolume, readRotation } from '../node/volume-keys/rotation.ts'
import { rotationChanges } from '../node/volume-keys/rotation-changes.ts'
import type { ChosenVolume, VolumeScene } from './chosen-volumes.ts'
import { headerBackup } from './header-backup.ts'
import { recoveryResource } from './recovery.ts'

/**
 * Gives volumes new keys, and backs their headers up anew: an old backup would bring the old key back, so it is put aside
 * before that key is removed, and deleted when the new one was tried.
 */
export async function planRotation(scene: VolumeScene): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const { config, chosen } = scene
  const rotated = chosen.map((one) => rotatable(one, scene))
  const { parallel } = config.cluster.ssh
  const changes = await Promise.all(rotated.map((one) => changesOf(one, scene)))
  const backups = await planBackups(scene, { anew: true })
  const steps = changes.map((some, index) => ({
    name: nameOf(rotated[index]!),
    title: `Replace the key of ${nameOf(rotated[index]!)}`,
    waves: [{ changes: some, parallel }],
    unchanged: [],
  }))
  return { steps: [...steps, ...backups.steps], findings: backups.findings }
}

/** Backups of headers: those that differ from what is there, or with `anew` all. */
export async function planBackups(
  { config, project, chosen, now }: VolumeScene,
  { anew }: { anew?: boolean } = {},
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const { unlock, ssh } = config.cluster
  if (chosen.length === 0) return { steps: [], findings: [] }
  const options = { project, unlock, now, onlyBackup: true, ...(anew && { anew }) }
  const work = await Promise.all(
    chosen.map(async ({ volume, machine, key }) => {
      return { machine, resources: [await recoveryResource(volume, { ...options, key })] }
    }),
  )
  const step = { name: 'header-backup', title: 'Back up LUKS headers', work }
  const { steps, findings } = await planNodes([step], { parallel: ssh.parallel })
  throwOnErrors(findings)
  return { steps, findings }
}

function rotatable({ volume, machine, store }: ChosenVolume, { config }: VolumeScene): RotatedVolume {
  if (store) return { volume, machine, store }
  const { unlock } = config.cluster
  throw new TaskError(
    `the key of ${volume.node}/${volume.name} is not on a key server: unlock is ${unlock}`,
    {
      hint:
        unlock === 'manual'
          ? manualHint
          : `on ${machine.label}: clevis luks regen -d ${volume.device} -s SLOT`,
    },
  )
}

const manualHint =
  'its key is its recovery passphrase; a key server makes it replaceable: keyServer in cluster.yaml'

async function changesOf(rotated: RotatedVolume, scene: VolumeScene): Promise<Change[]> {
  const backup = headerBackup({ ...rotated.volume }, scene)
  const changes = rotationChanges(rotated, await readRotation(rotated))
  return changes.map((change) => {
    if (!change.target.endsWith(', drop')) return change
    const run: Change['run'] = async (progress) => {
      await backup.revoke()
      await change.run(progress)
    }
    return { ...change, run }
  })
}
