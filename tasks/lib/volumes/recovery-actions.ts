import { gzipSync } from 'node:zlib'
import type { Unlock } from '../config/model.ts'
import type { Action } from '../node/resource.ts'
import {
  addRecoveryCommands,
  backupCommands,
  proveBackupCommands,
} from '../node/volume-keys/recovery-commands.ts'
import type { Volume, VolumeKey } from '../node/volumes/volume.ts'
import type { SecretProject } from '../secrets/project.ts'
import type { HeaderBackup, KeptHeader } from './header-backup.ts'
import type { RecoveryPassphrase } from './recovery-passphrase.ts'

export interface RecoveryOptions {
  project: SecretProject
  /** What opens the volume: it is needed to add a keyslot, and to try a backup. */
  key: VolumeKey
  unlock: Unlock
  now(): Date
  /** Takes a backup also where the one there is says what the header says. */
  anew?: boolean
  /** Only the backup of the header. */
  onlyBackup?: boolean
}

/** What is in secrets/volumes/ already; it is read before planning, and kept up while the actions run. */
export interface Standing {
  keyslot: number | undefined
  kept: KeptHeader | undefined
  isRevoked: boolean
}

/** One volume with all that its actions need. */
export interface Scene extends RecoveryOptions {
  volume: Volume
  passphrase: RecoveryPassphrase
  backup: HeaderBackup
  standing: Standing
}

/** Gives a volume a recovery passphrase; it is kept before the keyslot has it. */
export function addAction(slot: number, { volume, key, passphrase, standing }: Scene): Action {
  return {
    action: 'create',
    title: `give a recovery passphrase keyslot ${slot} of ${volume.device}`,
    commands: addRecoveryCommands(volume.device, { slot, key }),
    notes: [`the passphrase is in ${passphrase.shown}, encrypted, before anything is changed`],
    async input() {
      const secret = await passphrase.readOrMake(slot)
      standing.keyslot = slot
      return Buffer.concat([Buffer.from(`${secret}\n`), Buffer.from((await key.input?.()) ?? [])])
    },
  }
}

/** Backs a header up, then tries what was kept. */
export function backupActions(scene: Scene): Action[] {
  const { volume, key, backup, standing } = scene
  return [
    {
      action: 'create',
      title: `back up the LUKS header of ${volume.device}`,
      commands: backupCommands(volume.device),
      notes: [`it goes into ${backup.shown}, encrypted`],
      async output(printed) {
        standing.kept = await backup.keep(printed)
      },
    },
    {
      action: 'run',
      title: `try the backup of the LUKS header of ${volume.device}: the volume's key has to open it`,
      commands: proveBackupCommands(volume.device, { key }),
      input: () => packedBackup(backup, key),
      async output() {
        await backup.forgetRevoked()
        standing.isRevoked = false
        scene.anew = false
      },
    },
  ]
}

async function packedBackup(backup: HeaderBackup, key: VolumeKey): Promise<Buffer> {
  const packed = gzipSync((await backup.open()).image)
  return Buffer.concat([Buffer.from(`${packed.length}\n`), packed, Buffer.from((await key.input?.()) ?? [])])
}
