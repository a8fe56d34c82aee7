import type { Finding } from '../../cli/errors.ts'
import { environment } from '../../config/environment.ts'
import { registerClearValues } from '../clear-values.ts'
import { clearText, type Opened, openDocument, parseSealed } from '../engine.ts'
import { SecretError } from '../errors.ts'
import type { Keyring } from '../keys/keyring.ts'
import { findRules, type Rules } from '../rules/rules.ts'
import type { FileType } from '../stores/store.ts'
import { extractText, type TreePath } from './extract.ts'
import { withoutInline } from './inline-comments.ts'
import { readInput, typeFor } from './input.ts'

export interface DecryptOptions {
  keyring: Keyring
  inputType?: FileType
  outputType?: FileType
  filenameOverride?: string
  extract?: TreePath
  ignoreMac?: boolean
  /** The layout of the encrypted file instead of the one that sops writes. */
  keepFormat?: boolean
  /** Where .sops.yaml is looked for, for its indents. */
  cwd: string
  config?: string
}

/** A file in clear text. */
export interface Decrypted {
  /** undefined: stdin. */
  file: string | undefined
  type: FileType
  bytes: Uint8Array
  findings: Finding[]
}

/** At the same time: enough to keep the disk busy, and few enough that no file runs out of descriptors. */
const atOnce = 64

/** Decrypts files, all of them or none: one SecretError tells of every file that could not be. */
export async function decryptFiles(
  files: (string | undefined)[],
  options: DecryptOptions,
): Promise<Decrypted[]> {
  const { cwd, config = environment().SOPS_CONFIG } = options
  const rules = await findRules(cwd, { config })
  const results: (Decrypted | SecretError)[] = []
  for (let from = 0; from < files.length; from += atOnce) {
    const some = files.slice(from, from + atOnce)
    results.push(...(await Promise.all(some.map((file) => decryptOrError(file, { ...options, rules })))))
  }
  const errors = results.filter((result) => result instanceof SecretError)
  if (errors.length <= 1) {
    if (errors[0]) throw errors[0]
    return results as Decrypted[]
  }
  const findings = errors.flatMap((error) => error.findings)
  const message = `${errors.length} of ${files.length} files cannot be decrypted`
  throw new SecretError(message, { code: errors[0]!.code, findings })
}

type WithRules = DecryptOptions & { rules: Rules | undefined }

async function decryptOrError(
  file: string | undefined,
  options: WithRules,
): Promise<Decrypted | SecretError> {
  try {
    return await decryptFile(file, options)
  } catch (error) {
    if (error instanceof SecretError) return error
    throw error
  }
}

async function decryptFile(named: string | undefined, options: WithRules): Promise<Decrypted> {
  const { keyring, extract, ignoreMac, keepFormat, rules } = options
  const { file, path, bytes } = await readInput(named, options)
  const document = await parseAsSops(bytes, { file, type: typeFor(path, options.inputType) })
  const opened = await openDocument(document, { file, keyring, ignoreMac })
  registerClearValues(opened)
  const type = typeFor(path, options.outputType)
  const indent = rules?.indentOf(type)
  const clear = keepFormat ? opened.clear : withoutInline(opened)
  const text = extract
    ? await extractText(clear, extract, { file, type, indent })
    : await clearText({ ...opened, clear }, { type, keepFormat, indent })
  return { file: named, type, bytes: text, findings: opened.findings }
}

// Whatever is wrong with the text of an encrypted file: sops has no exit code of its own for it.
async function parseAsSops(
  bytes: Uint8Array,
  options: { file: string; type: FileType },
): Promise<Opened['document']> {
  try {
    return await parseSealed(bytes, options)
  } catch (error) {
    if (!(error instanceof SecretError)) throw error
    throw new SecretError(error.message, { code: 'generic', findings: error.findings, cause: error })
  }
}
