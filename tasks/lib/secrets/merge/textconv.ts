import { createHash } from 'node:crypto'
import { TaskError } from '../../cli/errors.ts'
import { clearText, type Opened, openDocument, parseSealed } from '../engine.ts'
import type { Keyring } from '../keys/keyring.ts'
import { keyIdentity } from '../keys/master-key.ts'
import { fileTypeOf, storeOf } from '../stores/stores.ts'
import { isEncrypted } from '../tree/cipher.ts'
import { mapLeaves } from '../tree/walk.ts'

/**
 * A secret file as `git diff` compares it: its clear text, laid out as the file is, and who may open it. Without a key
 * the values are masked, so that it still shows which of them changed. What is no secret file stays as it is.
 */
export async function textForDiff(
  bytes: Uint8Array,
  { file, keyring }: { file: string; keyring: Keyring },
): Promise<Uint8Array> {
  const document = await sealed(bytes, file)
  if (!document) return bytes
  const text = await clearOrMasked(document, { file, keyring })
  if (document.type === 'binary') return text
  const recipients = document.metadata.groups.flat().map((key) => `# encrypted for ${keyIdentity(key)}\n`)
  return Buffer.concat([text, Buffer.from(recipients.join(''))])
}

async function sealed(bytes: Uint8Array, file: string): Promise<Opened['document'] | undefined> {
  try {
    return await parseSealed(bytes, { file, type: fileTypeOf(file) })
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}

// A value that was changed by hand is what a diff is to show, so the MAC has no say.
async function clearOrMasked(
  document: Opened['document'],
  { file, keyring }: { file: string; keyring: Keyring },
): Promise<Uint8Array> {
  try {
    const opened = await openDocument(document, { file, keyring, ignoreMac: true })
    return await clearText(opened, { keepFormat: true })
  } catch (error) {
    if (error instanceof TaskError) return masked(document)
    throw error
  }
}

async function masked(document: Opened['document']): Promise<Uint8Array> {
  const store = await storeOf(document.type)
  const branches = mapLeaves(
    document.branches,
    () => false,
    ({ item }) => {
      if (item.type === 'comment') return isEncrypted(item.text) ? { ...item, text: mask(item.text) } : item
      return typeof item.value === 'string' && isEncrypted(item.value)
        ? { ...item, value: mask(item.value) }
        : item
    },
  )
  if (document.type === 'binary')
    return Buffer.from(branches.map((branch) => JSON.stringify(branch.items)).join('\n'))
  return store.rewrite(document, { branches, metadata: undefined }) ?? store.emit({ branches })
}

// The same ciphertext always has the same mask.
function mask(text: string): string {
  return `encrypted-${createHash('sha256').update(text).digest('hex').slice(0, 8)}`
}
