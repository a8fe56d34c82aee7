import { type Finding, TaskError } from '../../cli/errors.ts'
import { newDataKey } from '../keys/keyring.ts'
import { keyIdentity, type MasterKey } from '../keys/master-key.ts'
import type { SecretProject } from '../project.ts'
import { recipientDrift } from '../survey/drift.ts'
import type { Rekeying } from './rekey-change.ts'

/**
 * Tries every recipient that a data key will be wrapped for, with a key of no file: one that has expired, or that is
 * mistyped, is found before anything is changed. Throws one TaskError that names them all.
 */
export async function expectWrappable(
  files: Rekeying[],
  { project: { keyring }, now }: { project: SecretProject; now: Date },
): Promise<void> {
  const tried = new Map(files.flatMap((file) => toWrap(file).map((key) => [keyIdentity(key), { key, file }])))
  const dataKey = newDataKey()
  const findings: Finding[] = []
  await Promise.all(
    [...tried.values()].map(async ({ key, file }) => {
      const options = { dataKey, anew: true, now, file: file.sealed.shown }
      await keyring.wrap([[key]], options).catch((error: unknown) => {
        if (!(error instanceof TaskError)) throw error
        findings.push(...error.findings)
      })
    }),
  )
  if (findings.length > 0) throw new TaskError(findings[0]!.message, { findings })
}

function toWrap({ sealed, sealing, renew }: Rekeying): MasterKey[] {
  const { metadata } = sealed.document
  const isAlone = sealing.groups.length === 1 && metadata.groups.length === 1
  return renew || !isAlone ? sealing.groups.flat() : (recipientDrift(metadata, sealing)?.missing ?? [])
}
