import type { Resource } from '../resource.ts'
import { planVolume } from './plan/volume-plan.ts'
import { volumeProbe } from './state/probe.ts'
import { readState } from './state/read-state.ts'
import type { Volume, VolumeKey } from './volume.ts'

/** An encrypted volume on its machine, from the logical volume to the mount. */
export function volumeResource(volume: Volume, key: VolumeKey): Resource {
  return {
    target: `volume ${volume.name}`,
    probe: volumeProbe(volume),
    plan: (answer) => planVolume({ state: readState(answer, volume), volume, key }),
    source: volume.place,
  }
}
