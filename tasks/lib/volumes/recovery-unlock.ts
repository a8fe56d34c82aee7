import type { Plan } from '../cli/change.ts'
import { registerSecret } from '../cli/redact.ts'
import { askHidden } from '../cli/terminal/prompts.ts'
import { planNodes } from '../node/plan/plan-nodes.ts'
import { openVolumeResource, waitingResource } from '../node/volume-keys/open-volume.ts'
import { readPassphrase } from '../node/volume-keys/passphrase.ts'
import type { Volume, VolumeKey } from '../node/volumes/volume.ts'
import type { VolumeScene } from './chosen-volumes.ts'
import { recoveryPassphrase } from './recovery-passphrase.ts'

/** Opens and mounts volumes by hand, then starts what waited for them. */
export async function planUnlock(
  scene: VolumeScene,
  { recovery }: { recovery: boolean },
): Promise<Pick<Plan, 'steps' | 'findings'>> {
  const { chosen, config } = scene
  if (chosen.length === 0) return { steps: [], findings: [] }
  const machines = [...new Set(chosen.map(({ machine }) => machine))]
  const open = chosen.map(({ volume, machine, key }) => {
    return { machine, resources: [openVolumeResource(volume, recovery ? recoveryOf(volume, scene) : key)] }
  })
  const start = machines.map((machine) => ({ machine, resources: [waitingResource()] }))
  return planNodes(
    [
      { name: 'open', title: 'Open encrypted volumes', work: open },
      { name: 'start', title: 'Start what waited for them', work: start },
    ],
    { parallel: config.cluster.ssh.parallel },
  )
}

function recoveryOf(volume: Volume, scene: Pick<VolumeScene, 'project' | 'now'>): VolumeKey {
  return { read: 'cat', input: async () => Buffer.from(await passphraseOf(volume, scene)) }
}

/** The recovery passphrase of secrets/volumes/, or where there is none the one that somebody types. */
async function passphraseOf(
  volume: Pick<Volume, 'node' | 'name' | 'device'>,
  scene: Pick<VolumeScene, 'project' | 'now'>,
): Promise<string> {
  const passphrase = recoveryPassphrase(volume, scene)
  if ((await passphrase.keyslot()) !== undefined) return passphrase.read()
  const typed = await askHidden(`recovery passphrase of volume ${volume.name} of ${volume.node}:`)
  const meant = isOurs(typed) ? readPassphrase(typed) : typed
  registerSecret(meant)
  return meant
}

// Somebody may have given a volume a passphrase of their own.
function isOurs(typed: string): boolean {
  return typed.replaceAll(/[\s-]/g, '').length === 35
}
