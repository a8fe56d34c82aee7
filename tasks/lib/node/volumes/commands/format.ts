import { quote } from '../../../cli/process/quote.ts'
import type { Action } from '../../resource.ts'
import { tags } from '../record.ts'
import type { LogicalState } from '../state/volume-state.ts'
import type { Volume, VolumeKey } from '../volume.ts'
import {
  formattedByRecord,
  logicalGuards,
  logicalName,
  neverFormatted,
  openedFromVolume,
  unused,
  withoutSignature,
} from './guards.ts'
import { readKey, unlessOpen, withKey } from './key-commands.ts'

export interface OnVolume {
  key: VolumeKey
  /** As it was when the plan was made; undefined where the plan makes it. */
  logical?: LogicalState
}

/** A LUKS2 header on a volume that nothing can be seen on and that no record says was ever formatted. */
export function formatVolume(volume: Volume, { key, logical }: OnVolume): Action {
  const name = logicalName(volume)
  const device = quote(volume.device)
  return {
    action: 'create',
    title: `format logical volume ${name} with LUKS`,
    after: ['LUKS2 aes-xts-plain64, 512 bits'],
    commands: [
      ...readKey(volume, key),
      ...guards(volume, logical),
      ...withoutSignature(volume.device),
      `code=0; cryptsetup isLuks ${device} || code=$?; test "$code" -eq 1 || refuse 'cryptsetup sees a header on ${volume.device}, or cannot read it'`,
      `cmp --quiet --bytes=4096 ${device} /dev/zero || refuse 'the first bytes of ${volume.device} are not zeros'`,
      ...makeHeader(volume),
    ],
    ...firstInputOf(key),
  }
}

/** The same on a volume whose format was interrupted: its header has the recorded UUID and no key opens it. */
export function resumeFormat(volume: Volume, { key, logical }: OnVolume): Action {
  const name = logicalName(volume)
  const device = quote(volume.device)
  return {
    action: 'replace',
    title: `format logical volume ${name} with LUKS again: an earlier run was interrupted`,
    before: ['LUKS2 header of our own, without any keyslot'],
    after: ['LUKS2 aes-xts-plain64, 512 bits'],
    commands: [
      ...readKey(volume, key),
      ...guards(volume, logical),
      `test "$(blkid -p -s UUID -o value ${device})" = "$uuid" || refuse '${name} has another header than its record says'`,
      `found=$(wipefs --no-act --noheadings --output TYPE ${device}); test "$(echo "$found" | sort -u)" = crypto_LUKS || refuse "wipefs sees something else on ${volume.device}: $found"`,
      `cryptsetup luksDump --dump-json-metadata ${device} | tr -d '[:space:]' | grep -q '"keyslots":{}' || refuse '${name} has keyslots'`,
      ...makeHeader(volume),
    ],
    ...firstInputOf(key),
  }
}

/** Records a format that was whole when its run ended; the key has to open it first. */
export function recordFormat(volume: Volume, { key, logical }: OnVolume): Action {
  return {
    action: 'update',
    title: `record that logical volume ${logicalName(volume)} is formatted`,
    after: [`tag ${tags.luksMade}`],
    commands: [
      ...readKey(volume, key),
      ...logicalGuards(volume, logical),
      ...neverFormatted(volume),
      `test "$(blkid -p -s UUID -o value ${quote(volume.device)})" = "$uuid" || refuse '${logicalName(volume)} has another header than its record says'`,
      ...proveAndRecord(volume),
    ],
    ...inputOf(key),
  }
}

/** The opened device of a volume that a record says is formatted; the boot unit of its machine may be faster. */
export function openVolume(volume: Volume, { key, logical }: OnVolume): Action {
  const discards = volume.discard ? '--allow-discards ' : ''
  return {
    action: 'run',
    title: `open logical volume ${logicalName(volume)} as ${volume.mapper}`,
    commands: [
      ...readKey(volume, key),
      ...logicalGuards(volume, logical),
      ...formattedByRecord(volume),
      unlessOpen(
        volume,
        withKey(`open --type luks ${discards}${quote(volume.device)} ${quote(volume.mapper)}`),
      ),
      ...openedFromVolume(volume),
    ],
    ...inputOf(key),
  }
}

/** What a key that comes by stdin needs of an action. */
export function inputOf({ input }: VolumeKey): Pick<Action, 'input'> {
  return input ? { input } : {}
}

function firstInputOf({ first, input }: VolumeKey): Pick<Action, 'input'> {
  return inputOf({ read: '', input: first ?? input })
}

function guards(volume: Volume, logical?: LogicalState): string[] {
  return [...logicalGuards(volume, logical), ...neverFormatted(volume), ...unused(volume.device)]
}

// cryptsetup cuts a label at 47 bytes without a word.
const labelBytes = 47

function makeHeader(volume: Volume): string[] {
  const { name, node, cluster, device } = volume
  const format = [
    'luksFormat --batch-mode --type luks2 --cipher aes-xts-plain64 --key-size 512 --sector-size 4096',
    // The key is random throughout: stretching it would cost memory at boot and gain nothing.
    '--pbkdf pbkdf2 --pbkdf-force-iterations 1000',
    `--label ${quote(name.slice(0, labelBytes))} --subsystem ${quote(`${cluster}/${node}`.slice(0, labelBytes))}`,
    `--uuid "$uuid" ${quote(device)}`,
  ]
  return [withKey(format.join(' ')), ...proveAndRecord(volume)]
}

function proveAndRecord(volume: Volume): string[] {
  return [
    withKey(`open --test-passphrase ${quote(volume.device)}`),
    `lvchange --addtag ${tags.luksMade} ${quote(logicalName(volume))}`,
  ]
}
