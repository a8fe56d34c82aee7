import type { Finding } from '../../cli/errors.ts'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Machine } from '../machine.ts'
import type { LuksHeader } from './luks-header.ts'
import { headerProbe, readHeader } from './luks2-header.ts'
import { startProbe } from './recovery-commands.ts'

/** What is at the start of a device whose header may be damaged. */
export interface DeviceStart {
  header?: LuksHeader
  /** sha256 of its first MiB. */
  present: string
  /** The LUKS UUID that the logical volume's tag records. */
  recorded?: string
  /** What blkid takes it for: "ext4", "crypto_LUKS", or nothing. */
  type: string
}

/** Reads it; changes nothing. */
export async function readStart(device: string, machine: Machine): Promise<DeviceStart> {
  const on = quote(device)
  const script = [
    `[ -e ${on} ] || { echo ${on} is missing >&2; exit 1; }`,
    headerProbe(device),
    'echo',
    startProbe(device),
    `echo "tags $(lvs --noheadings -o lv_tags ${on} 2>/dev/null || :)"`,
    `rc=0; type=$(blkid -p -s TYPE -o value ${on}) || rc=$?`,
    '[ $rc -eq 0 ] || [ $rc -eq 2 ] || { echo "blkid ended with $rc" >&2; exit 1; }',
    'echo "type $type"',
  ].join('\n')
  const { stdout } = await machine.run(script, { title: `read the start of ${device}` })
  const [size, packed, present = '', tags = '', type = ''] = stdout.trimEnd().split('\n')
  if (!/^[0-9a-f]{64}$/.test(present) || !type.startsWith('type'))
    throw new TaskError(`${machine.label}: the start of ${device} could not be read to its end`)
  const header = readHeader(`${size}\n${packed}`)
  const recorded = /\bmetaltasks\.luks=([0-9a-f-]{36})/.exec(tags)?.[1]
  return { present, type: type.slice(5), ...(header && { header }), ...(recorded && { recorded }) }
}

/** Why a header's backup may not be written there; undefined where it may. */
export function restoreRefusal(
  { header, recorded, type }: DeviceStart,
  { uuid, fingerprint, device }: { uuid: string; fingerprint: string; device: string },
): Finding | undefined {
  const no = (message: string, hint: string): Finding => ({ severity: 'error', message, hint })
  const known = header?.uuid ?? recorded
  if (known !== undefined && known !== uuid)
    return no(
      `the backup is of LUKS volume ${uuid}, and ${device} ${header ? 'is' : 'is recorded as'} ${known}`,
      'its data would be lost: look for the backup of that volume',
    )
  if (known === undefined && type !== '')
    return no(
      `${device} holds ${type}, and nothing says that it ever was LUKS volume ${uuid}`,
      'look what it is: blkid',
    )
  if (header && !header.intact.includes(false) && header.fingerprint !== fingerprint)
    return no(
      `the header of ${device} is whole, and its keyslots are not those of the backup`,
      'the backup would bring back keys that were removed: take a new one with tasks volumes:header-backup',
    )
  return undefined
}

/** Whether nothing has to be done: the header is whole and the one of the backup. */
export function isRestored({ header }: DeviceStart, { fingerprint }: { fingerprint: string }): boolean {
  return header !== undefined && !header.intact.includes(false) && header.fingerprint === fingerprint
}
