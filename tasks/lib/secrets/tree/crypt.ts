import { createHash, type Hash } from 'node:crypto'
import { decryptValue, encryptValue, isEncrypted } from './cipher.ts'
import type { Selects } from './selector.ts'
import { type Comment, type Leaf, leaf, type MapNode } from './tree.ts'
import { valueBytes, valueType } from './values.ts'
import { mapLeaves, ValueError, type Visit } from './walk.ts'

export interface CryptOptions {
  dataKey: Uint8Array
  selects: Selects
  macOnlyEncrypted?: boolean
  /** Of unencrypted_comment_regex: a comment whose ciphertext matches could not be told from a clear one. */
  looksClear?(comment: string): boolean
}

/** What a walk gives: the branches, and the MAC over the clear values: SHA-512 in upper-case hexadecimal. */
export interface Crypted {
  branches: MapNode[]
  mac: string
}

/** Ciphertexts of an older state of the same file, by place and clear value: what has not changed keeps its own. */
export interface Reuse {
  add(clear: Visit, text: string): void
  take(clear: Visit): string | undefined
}

/** Encrypts what the selector selects. Throws a ValueError. */
export function encryptBranches(clear: MapNode[], options: CryptOptions & { reuse?: Reuse }): Crypted {
  const { dataKey, selects, reuse, looksClear } = options
  const hash = macHash(options)
  const branches = mapLeaves(clear, selects, (visit) => {
    hashVisit(hash, visit, options)
    if (!visit.encrypted) return visit.item
    const authenticated = authenticatedData(visit.path)
    const value = visit.item.type === 'comment' ? visit.item : visit.item.value!
    const text = reuse?.take(visit) ?? encryptValue(value, { key: dataKey, authenticated })
    if (visit.item.type === 'comment' && looksClear?.(text)) {
      const message =
        'unencrypted_comment_regex also matches encrypted comments: it must not match ENC[AES256_GCM,…]'
      throw new ValueError(message, visit.path)
    }
    return withText(visit.item, text)
  })
  return { branches, mac: hash.digest('hex').toUpperCase() }
}

/** Decrypts what the selector selects; a comment that does not open stays as it is and is told of. Throws a ValueError. */
export function decryptBranches(
  sealed: MapNode[],
  options: CryptOptions & { reuse?: Reuse; onClearComment?(visit: Visit): void },
): Crypted {
  const { selects, reuse, onClearComment } = options
  const hash = macHash(options)
  const branches = mapLeaves(sealed, selects, (visit) => {
    const item = visit.encrypted ? decrypted(visit, options) : visit.item
    if (item === undefined) {
      onClearComment?.(visit)
      return visit.item
    }
    const clear = { ...visit, item }
    if (visit.encrypted) reuse?.add(clear, itemText(visit.item))
    hashVisit(hash, clear, options)
    return item
  })
  return { branches, mac: hash.digest('hex').toUpperCase() }
}

function decrypted({ item, path }: Visit, { dataKey }: CryptOptions): Leaf | Comment | undefined {
  if (item.type === 'comment') return decryptedComment(item, { path, dataKey })
  if (typeof item.value !== 'string') throw new ValueError('the value is not encrypted', path)
  try {
    const value = decryptValue(item.value, { key: dataKey, authenticated: authenticatedData(path) })
    return { ...(isComment(value) ? value : leaf(value)), ...(item.place && { place: item.place }) }
  } catch (error) {
    throw new ValueError((error as Error).message, path, { cause: error })
  }
}

// Where a comment belongs differs between YAML libraries; the tag says which of the maps around it was meant.
function decryptedComment(
  item: Comment,
  { path, dataKey }: { path: readonly string[]; dataKey: Uint8Array },
): Comment | undefined {
  if (item.text === '') return item
  if (!isEncrypted(item.text)) return undefined
  for (let depth = path.length; depth >= 0; depth--) {
    const text = openedComment(item.text, {
      key: dataKey,
      authenticated: authenticatedData(path.slice(0, depth)),
    })
    if (text !== undefined) return { ...item, text }
  }
  return undefined
}

function openedComment(
  text: string,
  options: { key: Uint8Array; authenticated: string },
): string | undefined {
  try {
    const value = decryptValue(text, options)
    return isComment(value) ? value.text : typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** The path with a colon behind each key; ":" at the top. */
export function authenticatedData(path: readonly string[]): string {
  return `${path.join(':')}:`
}

function withText(item: Leaf | Comment, text: string): Leaf | Comment {
  return item.type === 'comment'
    ? { ...item, text }
    : { ...leaf(text), ...(item.place && { place: item.place }) }
}

function isComment(value: unknown): value is Comment {
  return typeof value === 'object' && value !== null && 'type' in value
}

// With mac_only_encrypted the hash starts with SHA-256("sops"), so that the two kinds of MAC never agree.
function macHash({ macOnlyEncrypted }: CryptOptions): Hash {
  const hash = createHash('sha512')
  return macOnlyEncrypted ? hash.update(createHash('sha256').update('sops').digest()) : hash
}

function hashVisit(hash: Hash, { item, encrypted }: Visit, { macOnlyEncrypted }: CryptOptions): void {
  if (item.type === 'comment' || item.value === null || (macOnlyEncrypted && !encrypted)) return
  hash.update(valueBytes(item.value))
}

/**
 * An empty memory of ciphertexts: decryptBranches fills it, encryptBranches takes from it. Of equal values under one path,
 * as in a list or in several documents, each gets that of its own position, or else one that is left.
 */
export function createReuse(): Reuse {
  const known = new Map<string, { at: number; text: string }[]>()
  const added = new Map<string, number>()
  const taken = new Map<string, number>()
  return {
    add(clear, text) {
      const at = position(added, clear)
      if (!isEncrypted(text)) return
      const name = identity(clear)
      const texts = known.get(name)
      if (texts) texts.push({ at, text })
      else known.set(name, [{ at, text }])
    },
    // Each is taken once: equal values of one list keep ciphertexts of their own, so that nobody sees they are equal.
    take(clear) {
      const at = position(taken, clear)
      const texts = known.get(identity(clear)) ?? []
      const own = texts.findIndex((found) => found.at === at)
      return texts.splice(Math.max(own, 0), 1)[0]?.text
    },
  }
}

// How many came before it under the same path.
function position(counts: Map<string, number>, { path }: Visit): number {
  const where = authenticatedData(path)
  const at = counts.get(where) ?? 0
  counts.set(where, at + 1)
  return at
}

function itemText(item: Leaf | Comment): string {
  return item.type === 'comment' ? item.text : String(item.value)
}

function identity({ item, path }: Visit): string {
  const where = authenticatedData(path)
  if (item.type === 'comment') return `${where}\0comment\0${item.text}`
  // Old versions of sops made every number of a JSON file a float; it reads back as a whole number where it is one.
  const type = typeof item.value === 'number' ? 'int' : valueType(item.value!)
  return `${where}\0${type}\0${Buffer.from(valueBytes(item.value!)).toString('latin1')}`
}
