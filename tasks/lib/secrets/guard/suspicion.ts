import { fileTypeOf } from '../stores/stores.ts'
import type { Selector } from '../tree/selector.ts'
import { hasCiphertext, isKeyring, isLeftover, isManifest, isPublic } from './file-kinds.ts'
import { isSealedByItsLines } from './sealed-lines.ts'

const kindSecret = /["']?kind["']?\s*:\s*["']?Secret["']?\s*(?:[,}#\r\n]|$)/

/** A file of the index with its content. */
export interface Staged {
  path: string
  bytes: Buffer
  /** What a creation rule of .sops.yaml wants encrypted in it. */
  selector?: Selector
}

/** Whether a file has to be examined at all, told from its bytes: nearly every file is done with here. */
export function isSuspect({ path, bytes, selector }: Staged): boolean {
  if (isLeftover(path) || isKeyring(path) || mentionsPrivateKey(bytes)) return true
  const type = fileTypeOf(path)
  if (hasCiphertext(bytes)) return type !== 'yaml' || !isSealedByItsLines(bytes.toString())
  if (selector && !isPublic(path)) return true
  return isManifest(type) && bytes.includes('Secret') && mentionsSecret(bytes.toString('latin1'))
}

/** Whether it is worth looking for private keys in these bytes. */
export function mentionsPrivateKey(bytes: Buffer): boolean {
  return bytes.includes('AGE-SECRET-KEY-') || bytes.includes('PRIVATE KEY')
}

/** Whether it is worth looking for Secrets in this text. */
export function mentionsSecret(text: string): boolean {
  return kindSecret.test(text)
}
