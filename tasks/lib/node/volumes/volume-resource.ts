import type { Planned, Resource } from '../resource.ts'
import { type About, planGrowth, planVolume } from './plan/volume-plan.ts'
import { volumeProbe } from './state/probe.ts'
import { readState } from './state/read-state.ts'
import type { Volume, VolumeKey } from './volume.ts'

/** An encrypted volume on its machine, from the logical volume to the mount. */
export function volumeResource(volume: Volume, key: VolumeKey): Resource {
  return resourceOf(volume, { key, plan: planVolume })
}

/** The size of one that is made, open and mounted. */
export function volumeSize(volume: Volume, key: VolumeKey): Resource {
  return resourceOf(volume, { key, plan: planGrowth })
}

function resourceOf(
  volume: Volume,
  { key, plan }: { key: VolumeKey; plan: (about: About) => Planned },
): Resource {
  return {
    target: `volume ${volume.name}`,
    probe: volumeProbe(volume),
    plan: (answer) => plan({ state: readState(answer, volume), volume, key }),
    source: volume.place,
  }
}
