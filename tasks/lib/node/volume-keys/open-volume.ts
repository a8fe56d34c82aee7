import { quote } from '../../cli/process/quote.ts'
import type { Resource } from '../resource.ts'
import { bootUnit, waitingUnits } from '../unlock/names.ts'
import { unlessOpen } from '../volumes/commands/key-commands.ts'
import type { Volume, VolumeKey } from '../volumes/volume.ts'

/** A volume that is open and mounted, whoever opens it: the boot unit, or we now. */
export function openVolumeResource(volume: Volume, key: VolumeKey): Resource {
  const { name, device, mapper, opened, path, discard } = volume
  const isOurs = openedFrom(volume)
  return {
    target: `open volume ${name}`,
    probe: `[ -e ${quote(opened)} ] && echo open; mountpoint -q ${quote(path)} && echo mounted; :`,
    plan({ stdout }) {
      const state = stdout.split('\n')
      const open = {
        action: 'run' as const,
        title: `open ${device} as ${mapper}`,
        commands: [
          `[ -b ${quote(device)} ]`,
          unlessOpen(
            volume,
            `${key.read} | cryptsetup open --type luks ${discard ? '--allow-discards ' : ''}--key-file - ${quote(device)} ${mapper}`,
          ),
          isOurs,
        ],
        ...(key.input && { input: () => key.input!() }),
      }
      const mount = {
        action: 'run' as const,
        title: `mount ${opened} at ${path}`,
        commands: [
          isOurs,
          `mountpoint -q ${quote(path)} || { rc=0; fsck -T -p ${quote(opened)} || rc=$?; [ $rc -le 1 ]; }`,
          `mountpoint -q ${quote(path)} || mount ${quote(path)} || mountpoint -q ${quote(path)}`,
        ],
      }
      if (state.includes('mounted')) return { actions: [] }
      return { actions: state.includes('open') ? [mount] : [open, mount] }
    },
    ...(volume.place && { source: volume.place }),
  }
}

// A device of that name may lie on another one.
function openedFrom({ device, mapper }: Volume): string {
  const below = `"$(printf '(%d, %d)' $(stat -L -c '0x%t 0x%T' ${quote(device)}))"`
  return `dmsetup deps -o devno ${mapper} | grep -qF ${below} || { echo ${mapper} lies on another device >&2; exit 1; }`
}

/** What waits on a machine until its volumes are open: it goes on by itself after a boot, and is started where it gave up. */
export function waitingResource(): Resource {
  const units = [bootUnit, ...waitingUnits.map((unit) => `${unit}.service`)]
  return {
    target: 'units that wait for volumes',
    settleSeconds: 60,
    probe: `systemctl show -p Id -p ActiveState -p UnitFileState ${units.join(' ')}`,
    plan({ stdout }) {
      const idle = stdout.split('\n\n').flatMap((text) => idleUnit(text) ?? [])
      if (idle.length === 0) return { actions: [] }
      const title = `start ${idle.join(', ')}`
      return {
        actions: [{ action: 'run', title, commands: [`systemctl start --no-block ${idle.join(' ')}`] }],
      }
    },
  }
}

// One that is activating is at work: the boot unit looks every five seconds.
function idleUnit(text: string): string | undefined {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(text)?.[1]
  const isIdle = value('ActiveState') === 'inactive' || value('ActiveState') === 'failed'
  return isIdle && value('UnitFileState') === 'enabled' ? value('Id') : undefined
}
