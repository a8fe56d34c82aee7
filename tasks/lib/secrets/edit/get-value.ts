import type { Opened } from '../engine.ts'
import { extractText } from '../low-level/extract.ts'
import { isEncrypted } from '../tree/cipher.ts'
import { deepest } from './change-tree.ts'
import { plainBytes } from './plain-value.ts'
import { allValues, expectValue } from './value-path.ts'

/** A value of a file, by its name. */
export interface ListedKey {
  name: string
  encrypted: boolean
}

/** The names of all values, in the order of the file. */
export function listedKeys({ clear, document }: Pick<Opened, 'clear' | 'document'>): ListedKey[] {
  return allValues(clear).flatMap(({ node, name, path: { branch, steps } }) => {
    if (node.type !== 'leaf') return []
    const { node: sealed } = deepest(document.branches[branch]!, steps)
    const text = sealed.type === 'leaf' ? sealed.value : null
    return [{ name, encrypted: typeof text === 'string' && isEncrypted(text) }]
  })
}

/** The bytes of one value; a map or a list as the file would have it. Throws a SecretError that names what is there. */
export async function shownValue(
  { clear, document, file }: Opened,
  name: string,
  { raw }: { raw: boolean },
): Promise<Uint8Array> {
  const found = expectValue(clear, name, { file })
  if (found.node.type === 'leaf') return plainBytes(found, { branches: clear, file, raw })
  const type = document.type === 'json' ? 'json' : 'yaml'
  return extractText([clear[found.path.branch]!], found.path.steps, { file, type })
}
