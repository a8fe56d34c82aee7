import { quote } from '../../../cli/process/quote.ts'
import { headerProbe } from '../../volume-keys/luks2-header.ts'
import type { Volume } from '../volume.ts'
import { askFunction, lastAnswer } from './answers.ts'

// Reports must not write LVM's own backups of what they read.
const report = `--reportformat json --units b --nosuffix --config 'backup { backup=0 archive=0 }'`
const groupFields = 'vg_name,vg_extent_size,vg_free_count,vg_missing_pv_count,vg_exported'
const logicalFields = 'lv_name,lv_uuid,lv_size,lv_tags,lv_active,lv_kernel_major,lv_kernel_minor'

/**
 * Shell that tells all about a volume and writes nothing: no program of cryptsetup is among it, for those mend a
 * damaged header when they only look.
 */
export function volumeProbe({ vg, device, mapper, opened, path }: Volume): string {
  return [
    askFunction,
    `ask group vgs ${report} -o ${groupFields} ${quote(vg)}`,
    `ask logical lvs ${report} -o ${logicalFields} ${quote(vg)}`,
    `ask mappings dmsetup info -c --noheadings --separator ' ' -o name,major,minor,open,uuid`,
    `ask crypt dmsetup table --target crypt`,
    ...deviceProbe(device),
    ...openedProbe({ opened, mapper }),
    ...mountProbe(path),
    lastAnswer,
  ].join('\n')
}

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
    'fi',
  ]
}

function openedProbe({ opened, mapper }: Pick<Volume, 'opened' | 'mapper'>): string[] {
  const at = quote(opened)
  return [
    `if [ -b ${at} ]; then`,
    `ask opened-node stat -L -c '%t:%T' ${at}`,
    `ask opened-blkid blkid -p -o export ${at}`,
    `ask opened-wipefs wipefs --no-act --json ${at}`,
    `case $(blkid -p -s TYPE -o value ${at}) in`,
    `ext4) ask geometry dumpe2fs -h ${at} ;;`,
    `xfs) ask geometry xfs_info ${at}; ask begun xfs_db -r -c 'sb 0' -c 'p inprogress' ${at} ;;`,
    'esac',
    `ask discards dmsetup table ${quote(mapper)}`,
    'fi',
  ]
}

// In a mount namespace of its own, what is mounted there is taken off: the folder below comes to light.
function mountProbe(path: string): string[] {
  const at = quote(path)
  const look = 'while mountpoint -q "$0"; do umount -l "$0" || exit 9; done; '
  return [
    'ask mounts cat /proc/self/mountinfo',
    'ask fstab cat /etc/fstab',
    `ask real readlink -m ${at}`,
    `ask kind unshare --mount sh -c '${look}stat -c %F "$0" || test ! -e "$0"' ${at}`,
    `ask entries unshare --mount sh -c '${look}test ! -d "$0" || ls -A "$0" | head -n 5' ${at}`,
    `ask flags unshare --mount sh -c '${look}test ! -d "$0" || lsattr -d "$0"' ${at}`,
    `ask owner stat -c '%u:%g %U:%G' ${at}`,
    'ask quota modprobe -nq quota_v2',
  ]
}
