import { registerSecret } from '../cli/redact.ts'
import { newPassphrase } from '../node/volume-keys/passphrase.ts'
import type { Volume, VolumeKey } from '../node/volumes/volume.ts'
import { bytesIfThere, readKeptFields, readKeptFile, writeKeptFile } from '../secrets/kept-file.ts'
import type { SecretProject } from '../secrets/project.ts'
import { volumeFilePath } from './volume-file.ts'

/** The recovery passphrase of a volume, in secrets/volumes/. */
export interface RecoveryPassphrase {
  file: string
  /** As people name the file. */
  shown: string
  /** The keyslot that it is for; undefined where there is no passphrase yet. Read without a key. */
  keyslot(): Promise<number | undefined>
  /** The passphrase. Throws a SecretError where there is none, or no key opens it. */
  read(): Promise<string>
  /** The passphrase, made now where there is none: it is in its file before it is anywhere else. */
  readOrMake(keyslot: number): Promise<string>
}

type Named = Pick<Volume, 'node' | 'name' | 'device'>

export function recoveryPassphrase(
  volume: Named,
  { project, now }: { project: SecretProject; now: () => Date },
): RecoveryPassphrase {
  const file = volumeFilePath(volume, { kept: 'recovery', project })
  const read = async () => {
    const { secret } = await readKeptFile(file, project)
    registerSecret(secret)
    return secret
  }
  return {
    file,
    shown: project.shown(file),
    async keyslot() {
      const fields = await readKeptFields(file, project)
      return fields && Number(fields.keyslot)
    },
    read,
    async readOrMake(keyslot) {
      if (await bytesIfThere(file)) return read()
      const secret = newPassphrase()
      registerSecret(secret)
      const fields = {
        volume: `${volume.node}/${volume.name}`,
        device: volume.device,
        keyslot: String(keyslot),
      }
      await writeKeptFile(file, { fields, secret }, { project, now: now(), replacing: null })
      return read()
    },
  }
}

/** The recovery passphrase as the key of a volume that nothing unlocks at boot. */
export function recoveryKey(
  volume: Named,
  options: { project: SecretProject; now(): Date; ask(): Promise<Uint8Array> },
): VolumeKey & { first(): Promise<Uint8Array> } {
  const passphrase = recoveryPassphrase(volume, options)
  return {
    read: 'cat',
    // One that was never written belongs to a volume that somebody else formatted: only they know it.
    async input() {
      const isKept = (await passphrase.keyslot()) !== undefined
      return isKept ? Buffer.from(await passphrase.read()) : options.ask()
    },
    first: async () => Buffer.from(await passphrase.readOrMake(0)),
  }
}
