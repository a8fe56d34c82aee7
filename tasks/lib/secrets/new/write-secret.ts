import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { sealText } from '../engine.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Access } from '../operator/access.ts'
import { fileTypeOf } from '../stores/stores.ts'

/** Encrypts a clear text in memory and writes it to a file that must not be there yet. */
export async function writeSecret(
  text: string,
  {
    file,
    shown,
    access,
    keyring,
    now,
  }: { file: string; shown: string; access: Access; keyring: Keyring; now: Date },
): Promise<void> {
  const type = fileTypeOf(file)
  const { policy, rules } = access
  const sealed = await sealText(Buffer.from(text), {
    file: shown,
    type,
    policy,
    keyring,
    now,
    indent: rules.indentOf(type),
  })
  await mkdir(dirname(file), { recursive: true })
  if (existsSync(file))
    throw new TaskError(`${shown} was made by somebody else meanwhile: nothing was changed`)
  await writeAtomically(file, sealed, { mode: sealedMode })
}
