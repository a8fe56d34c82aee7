import { quote } from '../../cli/process/quote.ts'

/** Length of a new key, in bytes: random ones, so that no hashing has to make guessing slow. */
export const keyBytes = 64

export interface KeyslotChange {
  device: string
  uuid: string
  slot: number
  /** Length of the key that authenticates: one that was cut off on its way is then no key. */
  authBytes: number
}

/**
 * Gives a new key a keyslot of its own. stdin: the key that opens the volume now, then the new one, each in base64 on
 * a line. Ends well only when the new one opens that very slot.
 */
export function addKeyCommands({ device, uuid, slot, authBytes }: KeyslotChange): string[] {
  const on = quote(device)
  return [
    ...readKeys('key', 'new'),
    sameVolume(device, uuid),
    `[ "$(printf %s "$new" | base64 -d | wc -c)" -eq ${keyBytes} ]`,
    `rc=0; printf %s "$new" | base64 -d | cryptsetup open --test-passphrase --key-file - ${on} 2>/dev/null || rc=$?; [ $rc -eq 2 ]`,
    `printf %s "$key" | base64 -d | { exec 3<&0; printf %s "$new" | base64 -d | cryptsetup luksAddKey ` +
      `--pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-slot ${slot} --key-file /dev/fd/3 ` +
      `--keyfile-size ${authBytes} --new-keyfile-size ${keyBytes} ${on} -; }`,
    testKey('new', { device, slot }),
  ]
}

/**
 * Removes keyslots while authenticating with the key that stays. stdin: that key, then the one that goes, each in
 * base64 on a line. `stays` is a keyslot of the key that stays: it is proven right before.
 */
export function dropKeyCommands({
  device,
  uuid,
  slots,
  stays,
}: {
  device: string
  uuid: string
  slots: number[]
  stays: number
}): string[] {
  const on = quote(device)
  const drop = (slot: number) => [
    testKey('key', { device, slot: stays }),
    `[ "$(cryptsetup luksDump ${on} | grep -c '^  [0-9][0-9]*: luks2')" -ge 2 ]`,
    testKey('old', { device, slot }),
    `printf %s "$key" | base64 -d | cryptsetup luksKillSlot --key-file - ${on} ${slot}`,
  ]
  return [
    ...readKeys('key', 'old'),
    sameVolume(device, uuid),
    ...slots.flatMap(drop),
    testKey('key', { device, slot: stays }),
    `rc=0; printf %s "$old" | base64 -d | cryptsetup open --test-passphrase --key-file - ${on} 2>/dev/null || rc=$?; [ $rc -eq 2 ]`,
  ]
}

/** Says of each key on stdin (a name and the key in base64 on each line) what cryptsetup answers for each keyslot. */
export function testKeysScript(device: string, slots: number[]): string {
  return [
    'while IFS=" " read -r name key; do',
    `  for slot in ${slots.join(' ')}; do`,
    '    rc=0',
    `    printf %s "$key" | base64 -d | cryptsetup open --test-passphrase --key-slot $slot --key-file - ${quote(device)} 2>/dev/null || rc=$?`,
    '    echo "$name $slot $rc"',
    '  done',
    'done',
    'echo end',
  ].join('\n')
}

function readKeys(...names: string[]): string[] {
  return names.map((name) => `IFS= read -r ${name}`)
}

function sameVolume(device: string, uuid: string): string {
  return `[ "$(blkid -p -s UUID -o value ${quote(device)})" = ${uuid} ]`
}

function testKey(name: string, { device, slot }: { device: string; slot: number }): string {
  return `printf %s "$${name}" | base64 -d | cryptsetup open --test-passphrase --key-slot ${slot} --key-file - ${quote(device)}`
}
