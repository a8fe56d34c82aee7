import { fileTypeOf } from '../stores/stores.ts'
import type { Selector } from '../tree/selector.ts'
import { hasCiphertext, isKeyring, isLeftover, isManifest, isPublic } from './file-kinds.ts'
import type { SelectorFor } from './must-encrypt.ts'
import { isSealedByItsLines } from './sealed-lines.ts'

const kindSecret = /["']?kind["']?\s*:\s*["']?Secret["']?\s*(?:[,}#\r\n]|$)/

/** A file of the index with its content. */
export interface Staged {
  path: string
  bytes: Buffer
  /** What a creation rule of .sops.yaml wants encrypted in it. */
  selector?: Selector
}

/** The file where it has to be examined at all, told from its bytes: nearly every file is done with here. */
export function suspect(
  path: string,
  { bytes, selectorFor }: { bytes: Buffer; selectorFor: SelectorFor },
): Staged[] {
  const type = fileTypeOf(path)
  const isOdd = isLeftover(path) || isKeyring(path) || mentionsPrivateKey(bytes)
  const isSealed = type === 'yaml' && hasCiphertext(bytes) && isSealedByItsLines(bytes.toString())
  if (isSealed && !isOdd) return []
  const selector = selectorFor(path)
  const isForRule = selector !== undefined && !isPublic(path)
  if (isOdd || isForRule || hasCiphertext(bytes)) return [{ path, bytes, selector }]
  const isSecret = isManifest(type) && bytes.includes('Secret') && mentionsSecret(bytes.toString('latin1'))
  return isSecret ? [{ path, bytes, selector }] : []
}

/** Whether it is worth looking for private keys in these bytes. */
export function mentionsPrivateKey(bytes: Buffer): boolean {
  return bytes.includes('AGE-SECRET-KEY-') || bytes.includes('PRIVATE KEY')
}

/** Whether it is worth looking for Secrets in this text. */
export function mentionsSecret(text: string): boolean {
  return kindSecret.test(text)
}
