import { type Finding, TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { FileType } from '../stores/store.ts'
import { fileTypeOf } from '../stores/stores.ts'
import { hasCiphertext, hasMetadata, isKeyring, isLeftover, isManifest, isPublic } from './file-kinds.ts'
import { privateKeys } from './private-keys.ts'
import { clearValuesOfSecrets } from './secret-manifests.ts'
import { type Intruder, intrudersOfClear, intrudersOfSealed, lineOf } from './selected-values.ts'
import { mentionsPrivateKey, mentionsSecret, type Staged } from './suspicion.ts'

/** What must not be committed of a file, with the command that mends it. Never a value. */
export async function examine(staged: Staged): Promise<Finding[]> {
  const { path, bytes } = staged
  if (isKeyring(path)) return [keyFinding(path, { what: 'a keyring with private keys' })]
  const text = bytes.toString()
  const keys = mentionsPrivateKey(bytes) ? await keyFindings(path, text) : []
  const values = await valueFindings(staged, text)
  if (keys.length + values.length > 0) return [...keys, ...values]
  const isClear = bytes.length > 0 && !hasMetadata(text, fileTypeOf(path)) && !hasMetadata(text, 'binary')
  return isLeftover(path) && isClear ? [leftoverFinding(path)] : []
}

async function keyFindings(path: string, text: string): Promise<Finding[]> {
  const keys = await privateKeys(text)
  return keys.map(({ at, what, isProtected }) => {
    const line = lineOf(text, at)
    if (!isProtected) return keyFinding(path, { what, line })
    const message = `${what} is in the repository, and only its passphrase protects it`
    return {
      severity: 'warning',
      message,
      file: path,
      line,
      hint: 'keep it only where the passphrase is strong',
    }
  })
}

function keyFinding(path: string, { what, line }: { what: string; line?: number }): Finding {
  const hint = `git rm --cached ${quote(path)}; where it was pushed before, make a new key: tasks secrets:key`
  return { severity: 'error', message: `${what} without a passphrase`, file: path, line, hint }
}

function leftoverFinding(path: string): Finding {
  const message = 'is a decrypted copy of a secret file, by its name'
  return {
    severity: 'error',
    message,
    file: path,
    hint: `git rm --cached ${quote(path)} && rm ${quote(path)}`,
  }
}

async function valueFindings({ path, bytes, selector }: Staged, text: string): Promise<Finding[]> {
  const type = fileTypeOf(path)
  if (hasMetadata(text, type) && (hasCiphertext(bytes) || selector))
    return sealedFindings(path, { bytes, type })
  if (selector && !isPublic(path)) {
    const intruders = await intrudersOfClear(bytes, { file: path, type, selector })
    if (intruders.length > 0) return [clearFinding(path, { intruders, hint: encryptHint(path) })]
  }
  if (!isManifest(type)) return []
  if (hasCiphertext(bytes)) return [damagedFinding(path, { message: 'its sops metadata is missing' })]
  return manifestFindings(path, { text, hint: selector ? encryptHint(path) : moveHint(path) })
}

async function sealedFindings(
  path: string,
  { bytes, type }: { bytes: Buffer; type: FileType },
): Promise<Finding[]> {
  const found = await intrudersOfSealed(bytes, { file: path, type })
  if (found instanceof TaskError) {
    return [damagedFinding(path, { message: found.message, line: found.findings[0]?.line })]
  }
  const hint = `take them out by hand and put them in encrypted: tasks secrets:edit ${quote(path)} && git add ${quote(path)}`
  if (found.length > 0) return [clearFinding(path, { intruders: found, hint })]
  return isManifest(type) ? manifestFindings(path, { text: bytes.toString(), hint: encryptHint(path) }) : []
}

function damagedFinding(path: string, { message, line }: { message: string; line?: number }): Finding {
  const hint = `take back what was committed: git restore --source=HEAD --staged --worktree ${quote(path)}`
  return { severity: 'error', message: `is a damaged secret file: ${message}`, file: path, line, hint }
}

function manifestFindings(path: string, { text, hint }: { text: string; hint: string }): Finding[] {
  if (!mentionsSecret(text)) return []
  const values = clearValuesOfSecrets(text)
  const names = new Set(values.map(({ secret }) => secret))
  const where = names.size === 1 ? `${[...names][0]}: ` : ''
  const intruders = values.map(({ key, line }) => ({ path: key, line }))
  return intruders.length > 0 ? [clearFinding(path, { intruders, hint, where })] : []
}

function clearFinding(
  path: string,
  { intruders, hint, where = '' }: { intruders: Intruder[]; hint: string; where?: string },
): Finding {
  const names = [...new Set(intruders.map((intruder) => intruder.path).filter(Boolean))]
  const more = names.length > 4 ? ` and ${names.length - 3} more` : ''
  const listed = names.slice(0, more ? 3 : 4).join(', ') + more
  const subject = listed === '' ? 'is' : `${where}${listed} ${names.length === 1 ? 'is' : 'are'}`
  return {
    severity: 'error',
    message: `${subject} not encrypted`,
    file: path,
    line: intruders[0]?.line,
    hint,
  }
}

function encryptHint(path: string): string {
  return `tasks secrets:encrypt --in-place ${quote(path)} && git add ${quote(path)}`
}

// Without a creation rule for where it is, sops would not know for whom to encrypt.
function moveHint(path: string): string {
  const name = quote(`secrets/${path.slice(path.lastIndexOf('/') + 1)}`)
  return `git mv ${quote(path)} ${name} && tasks secrets:encrypt --in-place ${name} && git add ${name}`
}
