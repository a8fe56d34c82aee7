import type { FileType } from './stores/store.ts'
import { storeOf } from './stores/stores.ts'
import { isEncrypted } from './tree/cipher.ts'
import { mapLeaves } from './tree/walk.ts'

/** What stands in clear in the text of an encrypted file, and how many values do not; empty ones say nothing. */
export async function clearPaths(
  sealed: Uint8Array,
  { file, type }: { file: string; type: FileType },
): Promise<{ clear: string[][]; encrypted: number }> {
  const { branches } = (await storeOf(type)).parse(sealed, { file, encrypted: true })
  const clear: string[][] = []
  let encrypted = 0
  const nothing = () => false
  mapLeaves(branches, nothing, ({ item, path }) => {
    if (item.type === 'comment' || item.value === '') return item
    if (isEncrypted(String(item.value))) encrypted++
    else clear.push([...path])
    return item
  })
  return { clear, encrypted }
}
