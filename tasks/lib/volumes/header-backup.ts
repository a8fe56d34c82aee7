import { createHash } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { gunzipSync, gzipSync } from 'node:zlib'
import { TaskError } from '../cli/errors.ts'
import { compactHeader } from '../node/volume-keys/compact-header.ts'
import type { LuksHeader } from '../node/volume-keys/luks-header.ts'
import { headerOf } from '../node/volume-keys/luks2-header.ts'
import type { Volume } from '../node/volumes/volume.ts'
import { bytesIfThere, readKeptFields, readKeptFile, writeKeptFile } from '../secrets/kept-file.ts'
import type { SecretProject } from '../secrets/project.ts'
import { volumeFilePath } from './volume-file.ts'

/** What is known of a header's backup without opening it. */
export interface KeptHeader {
  uuid: string
  fingerprint: string
  taken: string
}

/** A header's backup, opened. */
export interface OpenedHeader extends KeptHeader {
  /** Unpacked, as luksHeaderRestore takes it. */
  image: Buffer
  sha256: string
}

/** The backup of a volume's LUKS header, in secrets/volumes/. */
export interface HeaderBackup {
  file: string
  /** As people name the file. */
  shown: string
  kept(): Promise<KeptHeader | undefined>
  isRevoked(): Promise<boolean>
  /** Opens it. Throws a TaskError where it is damaged. */
  open(): Promise<OpenedHeader>
  /** Keeps what backupCommands printed in the place of the one before. */
  keep(printed: string): Promise<KeptHeader>
  /** Puts it aside: a keyslot in it is about to be removed, and it would bring that back. */
  revoke(): Promise<void>
  /** Deletes what was put aside: there is a newer one that was tried. */
  forgetRevoked(): Promise<void>
}

export function headerBackup(
  volume: Pick<Volume, 'node' | 'name' | 'device'>,
  { project, now }: { project: SecretProject; now: () => Date },
): HeaderBackup {
  const file = volumeFilePath(volume, { kept: 'header', project })
  const revoked = volumeFilePath(volume, { kept: 'header.revoked', project })
  const shown = project.shown(file)
  return {
    file,
    shown,
    async kept() {
      const fields = await readKeptFields(file, project)
      return fields && keptOf(fields)
    },
    isRevoked: async () => (await bytesIfThere(revoked)) !== undefined,
    async open() {
      const { fields, secret } = await readKeptFile(file, project)
      return opened({ ...fields, secret }, shown)
    },
    async keep(printed) {
      const image = gunzipSync(Buffer.from(printed.trim(), 'base64'))
      const header = wholeHeader(image, volume.device)
      const small = compactHeader(image, header)
      const fields = fieldsFor(header, { volume, image: small, now: now() })
      const secret = gzipSync(small, { level: 9 }).toString('base64')
      const replacing = (await bytesIfThere(file)) ?? null
      await writeKeptFile(file, { fields, secret }, { project, now: now(), replacing })
      return keptOf(fields)
    },
    revoke: () => rename(file, revoked).catch(nothingIfMissing),
    forgetRevoked: () => rm(revoked, { force: true }),
  }
}

function keptOf({ luksUUID = '', fingerprint = '', taken = '' }: Record<string, string>): KeptHeader {
  return { uuid: luksUUID, fingerprint, taken }
}

function fieldsFor(
  { uuid, fingerprint, keyslots }: LuksHeader,
  { volume, image, now }: { volume: Pick<Volume, 'node' | 'name' | 'device'>; image: Buffer; now: Date },
): Record<string, string> {
  return {
    volume: `${volume.node}/${volume.name}`,
    device: volume.device,
    luksUUID: uuid,
    taken: now.toISOString(),
    keyslots: keyslots.map(({ slot }) => slot).join(' '),
    fingerprint,
    sha256: digest(image),
  }
}

function wholeHeader(image: Buffer, device: string): LuksHeader {
  const header = headerOf(image)
  if (header && !header.intact.includes(false)) return header
  throw new TaskError(`the backup of the LUKS header of ${device} is not whole: nothing was written`, {
    hint: 'run the same command again',
  })
}

function opened(fields: Record<string, string>, shown: string): OpenedHeader {
  const image = gunzipSync(Buffer.from(fields.secret!, 'base64'))
  const header = headerOf(image)
  const sha256 = digest(image)
  if (sha256 === fields.sha256 && header?.uuid === fields.luksUUID)
    return { ...keptOf(fields), image, sha256 }
  throw new TaskError('the header in it is not the one that it says', {
    file: shown,
    hint: 'an earlier one may be in git: git log -- FILE',
  })
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function nothingIfMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
