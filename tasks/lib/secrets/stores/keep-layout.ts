import type { Metadata } from '../metadata/metadata.ts'
import { isEncrypted } from '../tree/cipher.ts'
import type { MapNode } from '../tree/tree.ts'
import { commentsOf } from './same-content.ts'
import type { Document, Store } from './store.ts'

interface Sealed {
  branches: MapNode[]
  metadata: Metadata
}

/** Encrypts a clear document in its own layout; undefined where that cannot be kept. `seal` may be called twice. */
export function sealInLayout(
  document: Document,
  seal: (clear: MapNode[]) => Sealed,
  { store, like }: { store: Store; like?: Document },
): Uint8Array | undefined {
  const sealed = seal(document.branches)
  return store.rewrite(document, sealed, { like }) ?? sealSettled(document, seal, { store, like, sealed })
}

// Whether a value is encrypted must not depend on a comment that moved, nor may a comment become readable as it moves.
function sealSettled(
  document: Document,
  seal: (clear: MapNode[]) => Sealed,
  { store, like, sealed }: { store: Store; like?: Document; sealed: Sealed },
): Uint8Array | undefined {
  if (sealed.metadata.selector.kind.endsWith('comment_regex')) return undefined
  const branches = store.settle?.(document, sealed, { like })
  const settled = branches && seal(branches)
  if (!settled || encryptedComments(settled) < encryptedComments(sealed)) return undefined
  return store.rewrite({ ...document, branches }, settled, { like })
}

function encryptedComments({ branches }: Sealed): number {
  return commentsOf(branches).filter(({ text }) => isEncrypted(text)).length
}
