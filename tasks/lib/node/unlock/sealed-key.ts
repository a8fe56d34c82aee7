import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Cluster } from '../../config/model.ts'
import type { Answer, Resource } from '../resource.ts'
import { headerProbe, readHeader } from '../volume-keys/luks2-header.ts'
import type { Volume } from '../volumes/volume.ts'
import { keyFolder, sealedFile } from './names.ts'

/** What unseals keys: a clevis pin with its settings, as `clevis encrypt` takes them. */
export interface Pin {
  name: 'tang' | 'tpm2'
  settings: string
  /** For people: "Tang at http://tang:7500". */
  shown: string
}

/** The pin of the configuration; undefined where keys are not sealed. The thumbprint pins the Tang server's key. */
export function pinOf({ unlock, tang }: Pick<Cluster, 'unlock' | 'tang'>): Pin | undefined {
  if (unlock === 'tang' && tang) {
    const settings = JSON.stringify({ url: tang.url, thp: tang.thumbprint })
    return { name: 'tang', settings, shown: `Tang at ${tang.url}` }
  }
  if (unlock === 'tpm2') {
    const settings = JSON.stringify({ pcr_bank: 'sha256', pcr_ids: '7' })
    return { name: 'tpm2', settings, shown: 'the TPM of the machine' }
  }
  return undefined
}

/**
 * The first key of a volume, made and sealed before the volume is formatted: at no moment is there a volume whose key is
 * nowhere. Text, as clevis keeps keys in variables of the shell: 64 random bytes in base64.
 */
export function sealedKey(volume: Volume, pin: Pin): Resource {
  const file = sealedFile(volume.name)
  return {
    target: `sealed key of volume ${volume.name}`,
    source: volume.place,
    probe: sealedProbe(volume),
    plan: (answer) => {
      const { isSealed, isBound, isLuks } = readState(answer)
      if (isSealed || isBound) return { actions: [] }
      if (isLuks) throw notBound(volume, pin)
      const commands = [
        `mkdir -p -m 0700 ${keyFolder}; chmod 0700 ${keyFolder}`,
        'export TMPDIR=/dev/shm',
        'umask 077',
        'key=$(head -c 64 /dev/urandom | base64 -w 0)',
        'rm -f -- FILE.making',
        `printf %s "$key" | clevis encrypt ${pin.name} ${quote(pin.settings)} >FILE.making`,
        '[ "$(clevis decrypt <FILE.making)" = "$key" ]',
        'sync FILE.making',
        'ln FILE.making FILE',
        'rm FILE.making',
      ].map((command) => command.replaceAll('FILE', file))
      const title = `make the key of volume ${volume.name} and seal it to ${pin.shown}`
      return { actions: [{ action: 'create', title, after: [file], commands }] }
    },
  }
}

/** The sealed key in the volume's own header, as clevis has it: \`clevis luks unlock\` and \`list\` know it then. */
export function boundHeader(volume: Volume, pin: Pin): Resource {
  const { name, device } = volume
  return {
    target: `binding of volume ${name} to ${pin.shown}`,
    source: volume.place,
    probe: sealedProbe(volume),
    plan: (answer) => {
      const { isSealed, isBound, isLuks } = readState(answer)
      if (isBound || (isLuks && !isSealed)) return { actions: [] }
      const commands = [
        'export TMPDIR=/dev/shm',
        `key=$(clevis decrypt <${sealedFile(name)})`,
        '[ "${#key}" -ge 32 ]',
        `said=$(printf %s "$key" | cryptsetup open --test-passphrase --verbose --type luks2 --key-file - ${quote(device)})`,
        `slot=$(echo "$said" | sed -n 's/^Key slot \\([0-9]*\\) unlocked\\.$/\\1/p')`,
        '[ -n "$slot" ]',
        `sealed=$(jose jwe fmt -i ${sealedFile(name)})`,
        `printf '{"type":"clevis","keyslots":["%s"],"jwe":%s}' "$slot" "$sealed" | cryptsetup token import ${quote(device)}`,
        `[ "$(clevis luks pass -d ${quote(device)} -s "$slot")" = "$key" ]`,
      ]
      const title = `write the sealed key of volume ${name} into its header`
      const after = [`${device}: clevis token, ${pin.shown}`]
      return { actions: [{ action: 'update', title, after, commands }] }
    },
  }
}

// The header is read without cryptsetup, which would mend a damaged one on the way.
function sealedProbe({ name, device }: Volume): string {
  return [
    `[ -s ${sealedFile(name)} ] && echo sealed || echo unsealed`,
    `[ ! -b ${quote(device)} ] || {`,
    headerProbe(device),
    '}',
  ].join('\n')
}

function readState({ stdout }: Answer): { isSealed: boolean; isLuks: boolean; isBound: boolean } {
  const end = stdout.indexOf('\n')
  const file = stdout.slice(0, end)
  const printed = stdout.slice(end + 1)
  const header = printed.trim() === '' ? undefined : readHeader(printed)
  return {
    isSealed: file === 'sealed',
    isLuks: header !== undefined,
    isBound: header?.tokens.some(({ type }) => type === 'clevis') ?? false,
  }
}

function notBound({ name, device }: Volume, { name: pin, settings, shown }: Pin): TaskError {
  return new TaskError(`volume ${name} is formatted and not bound to ${shown}`, {
    hint: `on the machine, with a key that opens it: clevis luks bind -d ${device} ${pin} ${quote(settings)}`,
  })
}
