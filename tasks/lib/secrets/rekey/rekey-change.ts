import type { Change } from '../../cli/change.ts'
import { type Opened, openDocument, parseSealed } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import type { Person } from '../keys/people.ts'
import type { SecretProject } from '../project.ts'
import type { Rules } from '../rules/rules.ts'
import { recipientDrift } from '../survey/drift.ts'
import { accessLines } from '../survey/recipient-text.ts'
import { contentHash, type SealedFile, standingOf } from '../survey/standing.ts'
import { rekey, type Sealing } from './rekey.ts'

/** What becomes of one file. */
export interface Rekeying {
  sealed: SealedFile
  sealing: Sealing
  /** With a new data key. */
  renew: boolean
}

export interface Scene {
  project: SecretProject
  people: Person[]
  rules?: Rules
  now: Date
}

/** The change that gives a file other recipients, a new data key, or both. It is refused where the file has moved on. */
export function rekeyChange({ sealed, sealing, renew }: Rekeying, scene: Scene): Change {
  const { shown, document } = sealed
  const { people } = scene
  const basis = contentHash(sealed.bytes)
  let dataKey: Uint8Array | undefined
  return {
    target: shown,
    action: 'update',
    title: renew ? `renew the data key of ${shown}` : `wrap the data key of ${shown} for its recipients`,
    before: [...accessLines(document.metadata, people), ...(renew ? ['data key: the present one'] : [])],
    after: [
      ...accessLines(sealing, people),
      ...(renew ? ['data key: a new one, every value is encrypted anew'] : []),
    ],
    basis,
    async run() {
      dataKey = await rekeyFile(sealed, { ...scene, sealing, renew, basis })
    },
    async verify() {
      await verifyFile(sealed, { ...scene, sealing, dataKey })
    },
  }
}

async function rekeyFile(
  { file, shown }: SealedFile,
  options: Scene & { sealing: Sealing; renew: boolean; basis: string },
): Promise<Uint8Array> {
  const { project, rules, sealing, renew, basis, now } = options
  const standing = await standingOf(file, project)
  if (standing.state !== 'sealed' || contentHash(standing.bytes) !== basis) throw moved(shown)
  const { keyring } = project
  const opened = await openDocument(standing.document, { file: shown, keyring })
  const indent = rules?.indentOf(standing.document.type)
  const { bytes, dataKey } = await rekey(opened, { sealing, renew, keyring, now, indent })
  await openWith(dataKey, { bytes, opened })
  await writeAtomically(file, bytes, { mode: sealedMode, replacing: standing.bytes })
  return dataKey
}

// Before the old file goes, the new one is opened: with its data key, MAC included.
async function openWith(
  dataKey: Uint8Array,
  { bytes, opened }: { bytes: Uint8Array; opened: Opened },
): Promise<void> {
  const { file, document } = opened
  const written = await parseSealed(bytes, { file, type: document.type })
  await openDocument(written, { file, keyring: only(dataKey) })
}

async function verifyFile(
  { file, shown }: SealedFile,
  { project, sealing, dataKey }: Scene & { sealing: Sealing; dataKey: Uint8Array | undefined },
): Promise<void> {
  const standing = await standingOf(file, project)
  if (standing.state !== 'sealed') throw standing.error
  if (recipientDrift(standing.document.metadata, sealing)) throw moved(shown)
  if (dataKey) await openDocument(standing.document, { file: shown, keyring: only(dataKey) })
}

function only(dataKey: Uint8Array) {
  return { open: async () => ({ dataKey, openedBy: [] }), wrap: async () => [] }
}

function moved(file: string): SecretError {
  const message = 'was changed by somebody else meanwhile: this run has not written to it since'
  return new SecretError(message, { code: 'generic', file, hint: 'run the same command again' })
}
