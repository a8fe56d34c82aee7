import type { Finding } from '../../../cli/errors.ts'
import { escaped, withoutSlash } from '../path.ts'
import type { VolumeState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'
import { refused } from './refused.ts'

/** Why a volume cannot be mounted at its path. */
export function mountRefusals({ mount, opened }: VolumeState, volume: Volume): Finding[] {
  const { path, node } = volume
  const isMounted = mount.atPath.length > 0
  if (mount.elsewhere.length > 0 && !isMounted)
    return [
      refused(
        `${volume.opened} is mounted at ${mount.elsewhere[0]}, the configuration says ${path}`,
        `umount ${mount.elsewhere[0]}, on ${node}`,
      ),
    ]
  if (isMounted && (!opened || mount.atPath.at(-1) !== opened.number))
    return [
      refused(`something else than ${volume.opened} is mounted at ${path}`, `findmnt ${path}, on ${node}`),
    ]
  return [...folderRefusals({ mount, isMounted }, volume), ...fstabRefusals(mount.fstab, volume)]
}

function folderRefusals(
  { mount, isMounted }: { mount: VolumeState['mount']; isMounted: boolean },
  { path, node }: Volume,
): Finding[] {
  if (mount.realPath !== path)
    return [refused(`${path} is ${mount.realPath} behind a symbolic link`, `path: ${mount.realPath}`)]
  if (isMounted) return []
  if (mount.folder === 'other')
    return [refused(`${path} is there, but no folder`, `ls -ld ${path}, on ${node}`)]
  if (mount.entries.length === 0) return []
  const names = mount.entries.slice(0, 3).join(', ')
  return [
    refused(
      `${path} has files that the volume would hide: ${names}${mount.entries.length > 3 ? ', …' : ''}`,
      `move them away on ${node}, and into ${path} once it is mounted`,
    ),
  ]
}

// Lines that name our device or our path; any that pairs one of them with something else is somebody's own.
function fstabRefusals(lines: string[], { opened, path, node }: Volume): Finding[] {
  return lines.flatMap((line) => {
    const [device = '', at] = line.trim().split(/\s+/)
    const isOurs =
      (device === opened || /^(UUID=|\/dev\/disk\/by-uuid\/|\/dev\/dm-)/.test(device)) &&
      withoutSlash(at ?? '') === escaped(path)
    if (isOurs) return []
    return [
      refused(`/etc/fstab says otherwise: ${line.trim()}`, `take that line out of /etc/fstab on ${node}`),
    ]
  })
}
