import { quote } from '../../../cli/process/quote.ts'
import { bootUnit } from '../../unlock/names.ts'
import { headerProbe } from '../../volume-keys/luks2-header.ts'
import { escaped } from '../path.ts'
import type { Volume } from '../volume.ts'
import { askFunction, lastAnswer } from './answers.ts'

/*
 * A machine that has just started opens and mounts its volumes: half of that would look like somebody else's work. Its boot
 * unit is waited for until it has tried once, which it says, but no longer than 15 seconds from its begin.
 */
const untilTried = `tries=0
while [ "$tries" -lt 20 ] && [ -n "$(systemctl list-jobs --no-legend ${bootUnit} 2>/dev/null)" ] &&
  [ -z "$(systemctl show -p StatusText --value ${bootUnit})" ] &&
  begun=$(($(systemctl show -p InactiveExitTimestampMonotonic --value ${bootUnit}) / 1000000)) &&
  { [ "$begun" -eq 0 ] || [ "$(cut -d . -f 1 /proc/uptime)" -lt "$((begun + 15))" ]; }; do
  tries=$((tries + 1)); sleep 0.5
done`

// Reports must not write LVM's own backups of what they read.
const report = `--reportformat json --units b --nosuffix --config 'backup { backup=0 archive=0 }'`
const groupFields = 'vg_name,vg_extent_size,vg_free_count,vg_missing_pv_count,vg_exported'
const logicalFields = 'lv_name,lv_uuid,lv_size,lv_tags,lv_active,lv_kernel_major,lv_kernel_minor'

/**
 * Shell that tells all about a volume and writes nothing: no program of cryptsetup is among it, for those mend a
 * damaged header when they only look. What has nothing to do with the volume is left out, so that two answers are the
 * same where nothing has changed.
 */
export function volumeProbe({ name, vg, device, mapper, opened, path }: Volume): string {
  return [
    untilTried,
    askFunction,
    ...groupProbe(vg, `--select ${quote(`lv_name="${name}"`)} `),
    `ask mappings dmsetup info -c --noheadings --separator ' ' -o name,major,minor,open,uuid --select ${quote(`uuid=~"^CRYPT-" || name="${mapper}"`)}`,
    'ask crypt dmsetup table --target crypt',
    ...deviceProbe(device),
    ...openedProbe(opened),
    ...mountProbe(path),
    lastAnswer,
  ].join('\n')
}

/** The part of it about the volume group: its room, and its logical volumes. */
export function groupProbe(vg: string, select = ''): string[] {
  return [
    `ask group vgs ${report} -o ${groupFields} ${quote(vg)}`,
    `ask logical lvs ${report} -o ${logicalFields} ${select}${quote(vg)}`,
  ]
}

// The devices that sit on this one: what has a name for the device mapper, that name; else the kernel's ("md127").
const listHolders = `
cd "/sys/dev/block/$(printf '%d:%d' $(stat -L -c '0x%t 0x%T' "$0"))/holders" || exit
for holder in *; do
  [ ! -e "$holder" ] || cat "$holder/dm/name" 2>/dev/null || echo "$holder"
done
`.trim()

function deviceProbe(device: string): string[] {
  const at = quote(device)
  return [
    `if [ -b ${at} ]; then`,
    `ask node stat -L -c '%t:%T' ${at}`,
    `header() { ${headerProbe(device)}`,
    '}',
    'ask header header',
    `ask blkid blkid -p -o export ${at}`,
    `ask wipefs wipefs --no-act --json ${at}`,
    `ask holders sh -c ${quote(listHolders)} ${at}`,
    'fi',
  ]
}

function openedProbe(opened: string): string[] {
  const at = quote(opened)
  const numbers =
    '^(Filesystem features|Block count|Block size|Blocks per group|Inode blocks per group|Reserved GDT blocks):'
  return [
    'number=none',
    `if [ -b ${at} ]; then`,
    `number=$(printf '%d:%d' $(stat -L -c '0x%t 0x%T' ${at}))`,
    `ask opened-blkid blkid -p -o export ${at}`,
    `ask opened-wipefs wipefs --no-act --json ${at}`,
    `ext4() { said=$(dumpe2fs -h ${at}) && echo "$said" | grep -E ${quote(numbers)}; }`,
    `case $(blkid -p -s TYPE -o value ${at}) in`,
    'ext4) ask geometry ext4 ;;',
    `xfs) ask geometry xfs_info ${at}; ask begun xfs_db -r -c 'sb 0' -c 'p inprogress' ${at} ;;`,
    'esac',
    'fi',
    'ask opened-node echo "$number"',
  ]
}

// In a mount namespace of its own, what is mounted there is taken off: the folder below comes to light.
const lookBelow = `
while mountpoint -q "$0"; do umount -l "$0" || exit 9; done
if [ ! -e "$0" ] && [ ! -L "$0" ]; then echo missing; exit 0; fi
stat -c %F "$0" || exit 9
[ -d "$0" ] || exit 0
flags=$(lsattr -d "$0") || flags=none
echo "\${flags%% *}"
ls -A "$0" | head -n 5
`.trim()

function mountProbe(path: string): string[] {
  const at = quote(path)
  return [
    `ask mounts grep -F -e " $number " -e ${quote(` ${escaped(path)} `)} /proc/self/mountinfo`,
    'ask fstab cat /etc/fstab',
    `ask real readlink -m ${at}`,
    `ask below unshare --mount sh -c ${quote(lookBelow)} ${at}`,
    `ask owner stat -c '%u:%g %U:%G' ${at}`,
    'ask quota modprobe -nq quota_v2',
  ]
}
