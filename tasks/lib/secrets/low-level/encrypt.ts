import type { Finding } from '../../cli/errors.ts'
import { environment } from '../../config/environment.ts'
import { clearPaths } from '../clear-paths.ts'
import { sealText } from '../engine.ts'
import { SecretError } from '../errors.ts'
import type { Keyring } from '../keys/keyring.ts'
import type { Policy } from '../rules/policy.ts'
import { findRules } from '../rules/rules.ts'
import type { FileType } from '../stores/store.ts'
import { encryptPolicy, namedRecipients, type PolicyFlags } from './encrypt-policy.ts'
import { isStdin, readInput, typeFor } from './input.ts'

export interface EncryptOptions {
  keyring: Keyring
  flags: PolicyFlags
  inputType?: FileType
  outputType?: FileType
  filenameOverride?: string
  /** The layout of the clear file instead of the one that sops writes. */
  keepFormat?: boolean
  /** Where .sops.yaml is looked for. */
  cwd: string
  config?: string
}

/** Encrypts one file, or stdin, with a new data key. Throws a SecretError. */
export async function encryptFile(
  named: string | undefined,
  { keyring, flags, keepFormat, cwd, config = environment().SOPS_CONFIG, ...options }: EncryptOptions,
): Promise<{ bytes: Uint8Array; findings: Finding[] }> {
  if (isStdin(named) && !options.filenameOverride) {
    const hint = '--filename-override secrets/name.yaml: the name tells the type and the rule'
    throw new SecretError('stdin has no name', { code: 'conflictingFlags', hint })
  }
  const { file, path, bytes } = await readInput(named, options)
  const type = typeFor(path, options.inputType)
  const outputType = typeFor(path, options.outputType)
  const rules = await findRules(cwd, { config })
  const recipients = namedRecipients(flags.recipients, environment())
  const { policy, findings } = encryptPolicy(path, { rules, flags: { ...flags, recipients }, type })
  const sealed = await sealText(bytes, {
    ...{ file, type, outputType, policy, keyring, now: new Date() },
    canonical: !keepFormat,
    indent: rules?.indentOf(outputType),
  })
  const isClear = await clearFindings(sealed, { file, type: outputType, policy })
  return { bytes: sealed, findings: [...(rules?.findings ?? []), ...findings, ...isClear] }
}

// sops says nothing of it: a file that looks encrypted, and that everybody can read.
async function clearFindings(
  sealed: Uint8Array,
  { file, type, policy: { selector } }: { file: string; type: FileType; policy: Policy },
): Promise<Finding[]> {
  const { clear, encrypted } = await clearPaths(sealed, { file, type })
  if (encrypted > 0 || clear.length === 0) return []
  const message = `nothing in it is encrypted: ${selector.kind} ${selector.value} takes none of its keys`
  return [{ severity: 'warning', message, file }]
}
