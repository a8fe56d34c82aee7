import { SecretError } from '../../errors.ts'
import { child, entry, leaf, map } from '../../tree/tree.ts'
import { textOrBytes } from '../../tree/values.ts'
import type { Document, ParseOptions, Store } from '../store.ts'
import { jsonStore } from './json-store.ts'

/** Any file, as one value: encrypted it is JSON, {"data": …, "sops": …}. */
export const binaryStore: Store = {
  parse: (bytes, options) => (options.encrypted ? parseSealed(bytes, options) : clearDocument(bytes)),
  emit: (document, options) => (document.metadata ? jsonStore.emit(document, options) : clearBytes(document)),
  rewrite(document, changed, { like } = {}) {
    const sealed = document.metadata ? document : like
    return sealed?.metadata && changed.metadata ? jsonStore.rewrite(sealed, changed) : undefined
  },
}

// A file that is no JSON object at all is clear text.
function parseSealed(bytes: Uint8Array, options: ParseOptions): Document {
  if (!/^\s*\{/.test(Buffer.from(bytes.subarray(0, 100)).toString('latin1'))) return clearDocument(bytes)
  return { ...jsonStore.parse(bytes, options), type: 'binary' }
}

function clearDocument(bytes: Uint8Array): Document {
  return { type: 'binary', branches: [map([entry('data', leaf(textOrBytes(bytes)))])], text: '' }
}

function clearBytes({ branches }: Pick<Document, 'branches'>): Uint8Array {
  const data = child(branches[0]!, 'data')
  if (data?.type === 'leaf' && typeof data.value === 'string') return Buffer.from(data.value)
  if (data?.type === 'leaf' && data.value instanceof Uint8Array) return data.value
  const message = 'cannot be written as a binary file: expected one text under the key data'
  throw new SecretError(message, { code: 'dumpTree' })
}
