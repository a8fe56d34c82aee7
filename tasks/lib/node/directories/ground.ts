import { quote } from '../../cli/process/quote.ts'
import { isWithin, type Mount, mountOf } from './mounts.ts'

/** A configured volume, as far as paths in it are concerned. */
export interface MountedVolume {
  name: string
  path: string
  /** The opened device: what has to be mounted at its path. */
  opened: string
}

/** What the configuration says of the file systems of one machine. */
export interface GroundOptions {
  /** First label of the machine, for hints. */
  node: string
  volumes: readonly MountedVolume[]
  /** The disk of the system will do where no volume is configured. */
  onRootDisk: boolean
  /** An earlier step of the same plan mounts the volumes. */
  mountedBefore?: boolean
}

/** What is mounted on the machine, and what its fstab would mount. */
export interface MountState {
  mounts: Mount[]
  fstab: string[]
}

/** Where a path lies, or would lie once its volume is mounted. */
export interface Ground {
  /** The mount point; undefined for the disk of the system. */
  path?: string
  /** The configured volume that is mounted there. */
  volume?: MountedVolume
  /** It is mounted now; false where an earlier step mounts it. */
  isMounted: boolean
}

/** Why nothing may be written to a path. */
export interface NoGround {
  reason: string
  hint: string
}

/** Where a path lies; or why it must not be used: data would go to the disk of the system, unseen once a volume is mounted. */
export function groundOf(path: string, state: MountState, options: GroundOptions): Ground | NoGround {
  const volume = nearest(options.volumes, path)
  if (volume) return groundOfVolume(volume, state, options)
  const mount = mountOf(path, state.mounts)
  const absent = absentMount(path, mount, state.fstab)
  if (absent)
    return {
      reason: `/etc/fstab has a mount at ${absent}, and nothing is mounted there`,
      hint: `on ${options.node}: mount ${absent}`,
    }
  if (mount && mount.path !== '/') return { path: mount.path, isMounted: true }
  if (options.onRootDisk) return { isMounted: true }
  return {
    reason: `${path} lies on the disk of the system: no volume is mounted there`,
    hint: `give ${options.node} a volume for it in cluster.yaml, or say there: volumes: { rootDisk: true }`,
  }
}

/** Shell lines that end with an error where the ground is not mounted any more, or not by its volume. */
export function groundGuards({ path, volume }: Ground): string[] {
  if (path === undefined) return []
  const guard = `mountpoint -q ${quote(path)}`
  if (!volume) return [guard]
  return [
    guard,
    `test "$(findmnt -n -o SOURCE --mountpoint ${quote(path)} | tail -n 1)" = ${quote(volume.opened)}`,
  ]
}

function groundOfVolume(
  volume: MountedVolume,
  { mounts }: MountState,
  { node, mountedBefore }: GroundOptions,
): Ground | NoGround {
  const { name, path, opened } = volume
  const mount = mountOf(path, mounts)
  if (mount?.path !== path) {
    if (mountedBefore) return { path, volume, isMounted: false }
    return { reason: `volume ${name} is not mounted at ${path}`, hint: `NODE=${node} tasks volumes` }
  }
  if (mount.source === opened) return { path, volume, isMounted: true }
  return {
    reason: `${mount.source} is mounted at ${path}, expected ${opened} of volume ${name}`,
    hint: `on ${node}: findmnt ${path}; then NODE=${node} tasks volumes`,
  }
}

function nearest(volumes: readonly MountedVolume[], path: string): MountedVolume | undefined {
  return volumes
    .filter((volume) => isWithin(path, volume.path))
    .reduce<MountedVolume | undefined>(
      (near, volume) => (near && near.path.length > volume.path.length ? near : volume),
      undefined,
    )
}

function absentMount(path: string, mount: Mount | undefined, fstab: string[]): string | undefined {
  const deepest = fstab.filter((target) => isWithin(path, target)).sort((a, b) => b.length - a.length)[0]
  return deepest !== undefined && deepest.length > (mount?.path.length ?? 0) ? deepest : undefined
}
