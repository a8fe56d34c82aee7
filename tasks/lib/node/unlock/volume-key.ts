import { askHidden } from '../../cli/terminal/prompts.ts'
import type { Config } from '../../config/model.ts'
import type { Volume, VolumeKey } from '../volumes/volume.ts'
import { keyProgram } from './names.ts'

/**
 * How a volume's key reaches a program on its machine: by the machine's own program, or, where nothing unlocks it at boot,
 * from somebody who is asked for it.
 */
export function volumeKey(
  volume: Pick<Volume, 'name' | 'node'>,
  { cluster }: Pick<Config, 'cluster'>,
): VolumeKey {
  if (cluster.unlock !== 'manual') return { read: `${keyProgram} ${volume.name}` }
  const input = async () =>
    Buffer.from(await askHidden(`passphrase of volume ${volume.name} of ${volume.node}:`))
  return { read: 'cat', input }
}
