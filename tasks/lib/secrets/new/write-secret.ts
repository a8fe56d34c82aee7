import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { clearPaths } from '../clear-paths.ts'
import { sealText } from '../engine.ts'
import { SecretError } from '../errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Access } from '../operator/access.ts'
import type { FileType } from '../stores/store.ts'
import { fileTypeOf } from '../stores/stores.ts'

/** Encrypts a clear text in memory and writes it to a file that must not be there yet. */
export async function writeSecret(
  text: string | Uint8Array,
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
  const sealed = await sealText(Buffer.from(text as string), {
    file: shown,
    type,
    policy,
    keyring,
    now,
    indent: rules.indentOf(type),
  })
  await expectSealed(sealed, { file: shown, type, access })
  await mkdir(dirname(file), { recursive: true })
  await writeAtomically(file, sealed, { mode: sealedMode, replacing: null })
}

// A rule that knows nothing of these keys would leave them readable, in a file that looks encrypted.
async function expectSealed(
  sealed: Uint8Array,
  { file, type, access: { policy, rules } }: { file: string; type: FileType; access: Access },
): Promise<void> {
  const { clear } = await clearPaths(sealed, { file, type })
  const values = clear.filter(([key]) => type === 'dotenv' || key === 'data' || key === 'stringData')
  if (values.length === 0) return
  const names = [...new Set(values.map((path) => path.join('.')))].join(', ')
  const { kind, value } = policy.selector
  const message = `${names} would not be encrypted: ${kind} of its rule is ${value}; the secret was not written`
  const wanted = type === 'dotenv' ? 'take the line out' : 'encrypted_regex: ^(data|stringData)$'
  throw new SecretError(message, { code: 'generic', file, hint: `in ${rules.file}: ${wanted}` })
}
