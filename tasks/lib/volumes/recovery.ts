import type { Finding } from '../cli/errors.ts'
import { TaskError } from '../cli/errors.ts'
import { quote } from '../cli/process/quote.ts'
import type { Answer, Planned, Resource } from '../node/resource.ts'
import type { LuksHeader } from '../node/volume-keys/luks-header.ts'
import { headerProbe, readHeader } from '../node/volume-keys/luks2-header.ts'
import { recoverySlot } from '../node/volume-keys/rotation-state.ts'
import type { Volume } from '../node/volumes/volume.ts'
import { keepingRefusal } from '../secrets/kept-file.ts'
import { type HeaderBackup, headerBackup } from './header-backup.ts'
import {
  addAction,
  backupActions,
  type RecoveryOptions,
  type Scene,
  type Standing,
} from './recovery-actions.ts'
import { type RecoveryPassphrase, recoveryPassphrase } from './recovery-passphrase.ts'

/**
 * What is there for the day when the key server, or the header, is gone: a keyslot for a recovery passphrase that lies
 * encrypted in secrets/volumes/, and beside it a backup of the header. Comes last of all that touches a volume's keyslots.
 */
export async function recoveryResource(volume: Volume, options: RecoveryOptions): Promise<Resource> {
  const passphrase = recoveryPassphrase(volume, options)
  const backup = headerBackup(volume, options)
  const refusal = await keepingRefusal(backup.file, options.project)
  const scene = { ...options, volume, passphrase, backup, standing: await standingOf(passphrase, backup) }
  const device = quote(volume.device)
  return {
    target: `recovery of volume ${volume.name}`,
    probe: `if [ ! -e ${device} ]; then echo absent; exit 0; fi\n${headerProbe(volume.device)}`,
    plan: (answer) => (refusal ? unkept(volume, refusal) : planRecovery(answer, scene)),
    ...(volume.place && { source: volume.place }),
  }
}

async function standingOf(passphrase: RecoveryPassphrase, backup: HeaderBackup): Promise<Standing> {
  const [keyslot, kept, isRevoked] = await Promise.all([
    passphrase.keyslot(),
    backup.kept(),
    backup.isRevoked(),
  ])
  return { keyslot, kept, isRevoked }
}

// A volume is made all the same: it can be had later.
function unkept({ node, name }: Volume, { message, hint }: Finding): Planned {
  const said = `volume ${node}/${name} gets no recovery passphrase and no backup of its header: ${message}`
  return { actions: [], findings: [{ severity: 'warning', message: said, ...(hint && { hint }) }] }
}

function planRecovery({ stdout, exitCode }: Answer, scene: Scene): Planned {
  const { volume, standing } = scene
  if (exitCode !== 0) throw new TaskError(`the LUKS header of ${volume.device} cannot be read`)
  const header = stdout.trim() === 'absent' ? undefined : readHeader(stdout)
  const refusal = header && refusalOf(header, volume)
  if (refusal) return { actions: [], findings: [refusal] }
  const slot = missingSlot(header, scene)
  const isStale = standing.kept?.fingerprint !== header?.fingerprint || header === undefined
  if (slot === undefined && !isStale && !standing.isRevoked && !scene.anew && !isTokenMissing(header!, scene))
    return { actions: [] }
  return { actions: [...(slot === undefined ? [] : [addAction(slot, scene)]), ...backupActions(scene)] }
}

// To write to such a header, even by cryptsetup's own reading, could make it worse.
function refusalOf(header: LuksHeader, { node, name, device }: Volume): Finding | undefined {
  const no = (why: string, hint: string): Finding => ({
    severity: 'warning',
    message: `volume ${node}/${name} gets no recovery passphrase and no backup of its header: ${why}`,
    hint,
  })
  if (header.version === 1)
    return no('it is LUKS1', `closed, it becomes LUKS2: cryptsetup convert --type luks2 ${device}`)
  if (header.isChanging) return no('it is being encrypted anew', 'wait until that is done')
  if (!header.intact.includes(false)) return undefined
  const message = `one of the two copies of the LUKS header of ${device} is damaged`
  throw new TaskError(message, {
    hint: `look at it: cryptsetup repair, or tasks volumes:header-backup --restore ${name}`,
  })
}

/** The keyslot that a recovery passphrase has to get; undefined where it has one, or is the volume's only key. */
function missingSlot(
  header: LuksHeader | undefined,
  { unlock, onlyBackup, standing: { keyslot } }: Scene,
): number | undefined {
  if (unlock === 'manual' || onlyBackup) return undefined
  const used = (header?.keyslots ?? []).map(({ slot }) => slot)
  if (keyslot !== undefined) return used.includes(keyslot) ? undefined : keyslot
  const highest = [recoverySlot, ...Array.from({ length: 24 }, (_, index) => 31 - index)]
  return highest.find((slot) => !used.includes(slot))
}

// Clevis is about to give the header a token: the backup is taken after that.
function isTokenMissing({ tokens }: LuksHeader, { unlock }: Scene): boolean {
  return (unlock === 'tang' || unlock === 'tpm2') && !tokens.some(({ type }) => type === 'clevis')
}
