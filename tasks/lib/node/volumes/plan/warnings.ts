import type { Finding } from '../../../cli/errors.ts'
import { logicalName } from '../commands/guards.ts'
import type { VolumeState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'

/** What is worth knowing of a volume that works. */
export function warnings({ content, opened, mount }: VolumeState, volume: Volume): Finding[] {
  const { path, name, discard = false } = volume
  const found: Finding[] = []
  const warn = (message: string, hint: string) => found.push({ severity: 'warning', message, hint })
  if (content?.luks && !content.luks.isWhole)
    warn(
      `one of the two copies of the LUKS header of ${logicalName(volume)} is damaged; what is open goes on working`,
      `tasks volumes:header-backup --restore ${name}`,
    )
  if (mount.isReadOnly)
    warn(`${path} is mounted read-only`, `look for why: dmesg | grep ${volume.mapper}, on ${volume.node}`)
  if (mount.atPath.length > 0 && mount.entries.length > 0)
    warn(
      `the folder below ${path} has files that the volume hides: ${mount.entries.slice(0, 3).join(', ')}`,
      `they were written while nothing was mounted there; mount --bind / /mnt on ${volume.node} shows them`,
    )
  if (opened && opened.passesDiscards !== discard) {
    const now = opened.passesDiscards ? 'passes' : 'does not pass'
    found.push({
      severity: 'note',
      message: `${volume.opened} ${now} discards until it is opened the next time`,
    })
  }
  return found
}
