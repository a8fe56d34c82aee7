import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Finding } from '../cli/errors.ts'
import { TaskError } from '../cli/errors.ts'
import { clearPaths } from './clear-paths.ts'
import { openDocument, parseSealed, sealText } from './engine.ts'
import { SecretError } from './errors.ts'
import { sealedMode, writeAtomically } from './files/write.ts'
import type { SecretProject } from './project.ts'
import { isEncrypted } from './tree/cipher.ts'
import { child, type MapNode } from './tree/tree.ts'

/** An encrypted file that is kept by a task: fields that anybody may read, and one value that nobody may. */
export interface KeptFile {
  fields: Record<string, string>
  secret: string
}

/** Why nothing can be kept: no rule says for whom. Undefined where all is well. */
export async function keepingRefusal(file: string, project: SecretProject): Promise<Finding | undefined> {
  try {
    await project.policyFor(file)
    return undefined
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return error.findings[0]
  }
}

/** Encrypts and writes a file in one go, in the place of `replacing` only: null where none may be there yet. */
export async function writeKeptFile(
  file: string,
  { fields, secret }: KeptFile,
  { project, now, replacing }: { project: SecretProject; now: Date; replacing: Uint8Array | null },
): Promise<void> {
  const shown = project.shown(file)
  const lines = Object.entries(fields).map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
  const text = Buffer.from(`${lines.join('')}stringData:\n    secret: ${JSON.stringify(secret)}\n`)
  const policy = await project.policyFor(file)
  const { keyring } = project
  const sealed = await sealText(text, { file: shown, type: 'yaml', policy, keyring, now })
  const { clear } = await clearPaths(sealed, { file: shown, type: 'yaml' })
  if (clear.some(([key]) => key === 'stringData'))
    throw new SecretError(`${shown} would not be encrypted: its rule leaves stringData in clear`, {
      code: 'generic',
      hint: 'in .sops.yaml: encrypted_regex: ^(data|stringData)$',
    })
  await mkdir(dirname(file), { recursive: true })
  await writeAtomically(file, sealed, { mode: sealedMode, replacing })
}

/** A file's bytes; undefined where there is none. */
export async function bytesIfThere(file: string): Promise<Buffer | undefined> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
}

/** Its fields, read without a key where they are in clear; undefined where there is no such file. */
export async function readKeptFields(
  file: string,
  project: SecretProject,
): Promise<Record<string, string> | undefined> {
  const bytes = await bytesIfThere(file)
  if (!bytes) return undefined
  const { branches } = await parseSealed(bytes, { file: project.shown(file), type: 'yaml' })
  const fields = fieldsOf(branches)
  return Object.values(fields).some(isEncrypted) ? (await readKeptFile(file, project)).fields : fields
}

/** Opens a file. Its secret is in memory only: who prints anything registers it. */
export async function readKeptFile(file: string, project: SecretProject): Promise<KeptFile> {
  const shown = project.shown(file)
  const document = await project.readSealed(file)
  const { clear } = await openDocument(document, { file: shown, keyring: project.keyring })
  const held = child(clear[0]!, 'stringData')
  const secret = held?.type === 'map' ? child(held, 'secret') : undefined
  if (secret?.type !== 'leaf' || typeof secret.value !== 'string')
    throw new SecretError('has no stringData.secret', { code: 'generic', file: shown })
  return { fields: fieldsOf(clear), secret: secret.value }
}

function fieldsOf([first]: MapNode[]): Record<string, string> {
  const entries = (first?.items ?? []).flatMap((item) =>
    item.type === 'entry' && item.value.type === 'leaf'
      ? [[item.key, String(item.value.value)] as const]
      : [],
  )
  return Object.fromEntries(entries)
}
