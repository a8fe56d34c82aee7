import { SecretError } from './errors.ts'
import type { Metadata } from './metadata/metadata.ts'
import { compileRegex } from './rules/regex.ts'
import {
  type Crypted,
  type CryptOptions,
  decryptBranches,
  encryptBranches,
  type Reuse,
} from './tree/crypt.ts'
import { selects } from './tree/selector.ts'
import type { MapNode } from './tree/tree.ts'
import { ValueError } from './tree/walk.ts'

interface TreeOptions {
  /** What of the tree is encrypted. */
  metadata: Pick<Metadata, 'selector' | 'macOnlyEncrypted'>
  dataKey: Uint8Array
  file: string
  reuse?: Reuse
}

/** What a file has encrypted, in clear, and the MAC over it. Throws a SecretError that names the place. */
export function decryptTree(
  sealed: MapNode[],
  { onClearComment, ...options }: TreeOptions & { onClearComment?(): void },
): Crypted {
  const { file, reuse } = options
  return atPlace(file, 'decryptTree', () =>
    decryptBranches(sealed, { ...cryptOptions(options), reuse, onClearComment }),
  )
}

/** The other way round. */
export function encryptTree(clear: MapNode[], options: TreeOptions): Crypted {
  const { file, reuse } = options
  return atPlace(file, 'encryptTree', () => encryptBranches(clear, { ...cryptOptions(options), reuse }))
}

function cryptOptions({ metadata: { selector, macOnlyEncrypted }, dataKey }: TreeOptions): CryptOptions {
  const looksClear = selector.kind === 'unencrypted_comment_regex' ? compileRegex(selector.value) : undefined
  return { dataKey, selects: selects(selector, compileRegex), macOnlyEncrypted, looksClear }
}

function atPlace<T>(file: string, code: 'encryptTree' | 'decryptTree', work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    const message = `${error.path.join('.') || 'top level'}: ${error.message}`
    throw new SecretError(message, { code, file, cause: error })
  }
}
