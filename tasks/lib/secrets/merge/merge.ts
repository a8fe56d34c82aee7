import { type Opened, openDocument, parseSealed, reuseOf, sealBranches } from '../engine.ts'
import { type Keyring, newDataKey } from '../keys/keyring.ts'
import { type KeyGroup, keyIdentity } from '../keys/master-key.ts'
import type { FileType } from '../stores/store.ts'
import type { Reuse } from '../tree/crypt.ts'
import type { MapNode } from '../tree/tree.ts'
import { inLayout } from './layout/keep-layout.ts'
import { mergeBranches } from './merge-branches.ts'
import { mergeMetadata } from './merge-metadata.ts'
import type { Conflict, Deciding, Side } from './three-ways.ts'

export interface MergeOptions {
  /** Named in errors, and tells the kind of the file. */
  file: string
  type: FileType
  keyring: Keyring
  now: Date
  /** The side that was chosen for a path. */
  choice?: Deciding['choice']
}

/** A merged secret file: encrypted, valid, and with ours where there are conflicts. */
export interface Merged {
  bytes: Uint8Array
  conflicts: Conflict[]
}

/**
 * Merges three states of a secret file by their clear trees, in memory. Ciphertexts of what has not changed stay.
 * The base is undefined where both sides added the file. Throws a SecretError where one of them does not open.
 */
export async function mergeSealed(
  texts: { base: Uint8Array | undefined; ours: Uint8Array; theirs: Uint8Array },
  { choice = () => undefined, ...options }: MergeOptions,
): Promise<Merged> {
  const ours = await open(texts.ours, options)
  const theirs = await open(texts.theirs, options)
  const base = texts.base && (await open(texts.base, { ...options, known: [ours, theirs] }))
  const deciding: Deciding = { choice, conflicts: [], origins: new Map() }
  const clear = mergeBranches({ base: base?.clear ?? [], ours: ours.clear, theirs: theirs.clear }, deciding)
  const bytes = await sealMerged(clear, { ...options, deciding, sides: { base, ours, theirs } })
  return { bytes, conflicts: deciding.conflicts }
}

type Sides = { base: Opened | undefined; ours: Opened; theirs: Opened }

async function open(
  bytes: Uint8Array,
  { file, type, keyring, known = [] }: MergeOptions & { known?: Opened[] },
): Promise<Opened> {
  const document = await parseSealed(bytes, { file, type })
  try {
    return await openDocument(document, { file, keyring })
  } catch (error) {
    const opened = await openWithKnown(document, { file, known })
    if (opened) return opened
    throw error
  }
}

// Who joined later never had a key for the base; its data key is mostly still that of the file.
async function openWithKnown(
  document: Opened['document'],
  { file, known }: { file: string; known: Opened[] },
): Promise<Opened | undefined> {
  for (const { dataKey, openedBy } of known) {
    const keyring = { open: async () => ({ dataKey, openedBy }), wrap: async (groups: KeyGroup[]) => groups }
    const opened = await openDocument(document, { file, keyring }).catch(() => undefined)
    if (opened) return opened
  }
  return undefined
}

async function sealMerged(
  clear: MapNode[],
  { file, keyring, now, deciding, sides }: MergeOptions & { deciding: Deciding; sides: Sides },
): Promise<Uint8Array> {
  const { ours, theirs } = sides
  const keep = keptSide(sides)
  const metadata = mergeMetadata(
    {
      base: sides.base?.document.metadata,
      ours: ours.document.metadata,
      theirs: theirs.document.metadata,
    },
    { ...deciding, keep, sameDataKey: sameBytes(ours.dataKey, theirs.dataKey) },
  )
  const { threshold } = metadata
  const known = sides[keep]
  const anew = !isFor(metadata.groups, known) && !sameBytes(ours.dataKey, theirs.dataKey)
  const dataKey = anew ? newDataKey() : known.dataKey
  const isWrapped = metadata.groups.flat().every(({ enc }) => enc !== undefined)
  // Shares are made for one threshold: with another they would open nothing.
  const isShared = metadata.groups.length === 1 || threshold === known.document.metadata.threshold
  const groups =
    isWrapped && isShared && !anew
      ? metadata.groups
      : await keyring.wrap(metadata.groups, { dataKey, threshold, anew, now, file })
  const reuse = reuseOfAll([ours, theirs].filter((side) => sameBytes(side.dataKey, dataKey)))
  const sealed = sealBranches(clear, { metadata: { ...metadata, groups }, dataKey, now, file, reuse })
  return inLayout(sealed, { clear, ours, theirs, origins: deciding.origins })
}

// A new data key on one side keeps somebody out who had the old one: it must not come back.
function keptSide({ base, ours, theirs }: Sides): Side {
  const isOld = base && sameBytes(ours.dataKey, base.dataKey)
  return isOld && !sameBytes(theirs.dataKey, base.dataKey) ? 'theirs' : 'ours'
}

// Whether all who know the data key of a side are still to open the file.
function isFor(groups: KeyGroup[], { document }: Opened): boolean {
  const names = new Set(groups.flat().map(keyIdentity))
  return document.metadata.groups.flat().every((key) => names.has(keyIdentity(key)))
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function reuseOfAll(sides: Opened[]): Reuse {
  const all = sides.map(reuseOf)
  return {
    add() {},
    take: (clear) => {
      const found = all.map((reuse) => reuse.take(clear))
      return found.find((text) => text !== undefined)
    },
  }
}
