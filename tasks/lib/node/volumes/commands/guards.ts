import { quote } from '../../../cli/process/quote.ts'
import { tags } from '../record.ts'
import type { LogicalState } from '../state/volume-state.ts'
import type { Volume } from '../volume.ts'

/** "vg0/data" */
export function logicalName({ vg, name }: Pick<Volume, 'vg' | 'name'>): string {
  return `${vg}/${name}`
}

/**
 * The first commands of everything that writes to a volume: the logical volume is the planned one, nothing else has
 * it open, and its record is what it was. They leave its tags in $tags and the UUID of its header in $uuid.
 */
export function logicalGuards(volume: Volume, logical?: Pick<LogicalState, 'uuid'>): string[] {
  const name = logicalName(volume)
  const at = quote(name)
  const device = quote(volume.device)
  const fields = (list: string) => `lvs --noheadings --separator ' ' -o ${list} ${at}`
  return [
    'refuse() { echo "refused: $*" >&2; exit 1; }',
    ...(logical
      ? [
          `test "$(${fields('lv_uuid')} | tr -d ' ')" = ${quote(logical.uuid)} || refuse '${name} is another volume than planned'`,
        ]
      : []),
    `test "$(printf '%d %d' $(stat -L -c '0x%t 0x%T' ${device}))" = "$(${fields('lv_kernel_major,lv_kernel_minor')} | sed 's/^ *//;s/ *$//')" || refuse '${volume.device} is another device than ${name}'`,
    `tags=$(${fields('lv_tags')} | tr -d ' ')`,
    `uuid=$(echo "$tags" | tr , '\\n' | sed -n 's/^metaltasks\\.luks=//p')`,
    `case $uuid in ????????-????-????-????-????????????) ;; *) refuse '${name} has no record of ours' ;; esac`,
  ]
}

/** No record says that a header was made. */
export function neverFormatted(volume: Volume): string[] {
  return [refuseTag(tags.luksMade, `a record says that ${logicalName(volume)} was formatted`)]
}

/** The record says that the header was made, and what is there is that header. */
export function formattedByRecord(volume: Volume): string[] {
  const name = logicalName(volume)
  return [
    needTag(tags.luksMade, `no record says that ${name} was formatted`),
    `test "$(blkid -p -s UUID -o value ${quote(volume.device)})" = "$uuid" || refuse '${name} has another header than its record says'`,
  ]
}

/** No record says that a file system was ever made. */
export function withoutFilesystem(volume: Volume): string[] {
  return [refuseTag(tags.filesystemMade, `a record says that ${logicalName(volume)} has a file system`)]
}

/** Nothing has the device open. */
export function unused(device: string): string[] {
  const at = quote(device)
  return [`test "$(dmsetup info -c --noheadings -o open ${at})" = 0 || refuse '${device} is in use'`]
}

/** Nothing can be seen on a device: each program has to say so with the one exit code that means it. */
export function withoutSignature(device: string): string[] {
  const at = quote(device)
  return [
    `code=0; blkid -p ${at} || code=$?; test "$code" -eq 2 || refuse 'blkid sees something on ${device}, or cannot read it'`,
    `found=$(wipefs --no-act --noheadings ${at}); test -z "$found" || refuse "wipefs sees something on ${device}: $found"`,
  ]
}

/** The opened device sits on the volume, opened with the header of its record. */
export function openedFromVolume({ device, mapper, opened }: Volume): string[] {
  const name = quote(mapper)
  const dashless = `$(echo "$uuid" | tr -d -)`
  return [
    `case $(dmsetup info -c --noheadings -o uuid ${name}) in CRYPT-LUKS[12]-${dashless}-*) ;; *) refuse '${opened} was not opened with the header of the record' ;; esac`,
    `test "$(dmsetup deps -o devno ${name})" = "1 dependencies	: ($(printf '%d, %d' $(stat -L -c '0x%t 0x%T' ${quote(device)})))" || refuse '${opened} sits on another device'`,
  ]
}

function refuseTag(tag: string, reason: string): string {
  return `case ,$tags, in *,${tag},*) refuse '${reason}' ;; esac`
}

function needTag(tag: string, reason: string): string {
  return `case ,$tags, in *,${tag},*) ;; *) refuse '${reason}' ;; esac`
}
