import { TaskError } from '../../../cli/errors.ts'
import type { Opened } from '../../engine.ts'
import type { Document, Store } from '../../stores/store.ts'
import { storeOf } from '../../stores/stores.ts'
import type { MapNode } from '../../tree/tree.ts'
import { mergedText, type Origins } from './merged-text.ts'
import { outlineOf } from './outline.ts'

type State = Pick<Document, 'branches' | 'metadata'>

/**
 * The encrypted text of merged branches: that of ours with the lines that theirs changed; where that cannot be done,
 * as sops lays it out.
 */
export async function inLayout(
  sealed: State,
  { clear, ...merging }: { clear: MapNode[]; ours: Opened; theirs: Opened; origins: Origins },
): Promise<Uint8Array> {
  const { ours, theirs } = merging
  const store = await storeOf(ours.document.type)
  const merged = await mergedDocument(clear, { store, ...merging })
  for (const document of [merged, ours.document, theirs.document]) {
    const bytes = document && store.rewrite(document, sealed)
    if (bytes) return bytes
  }
  return store.emit(sealed)
}

async function mergedDocument(
  clear: MapNode[],
  { store, ours, theirs, origins }: { store: Store; ours: Opened; theirs: Opened; origins: Origins },
): Promise<Document | undefined> {
  const [own, other] = await Promise.all([ours, theirs].map(outlineOf))
  if (!own || !other) return undefined
  const text = mergedText(clear, {
    ours: { outline: own, clear: ours.clear },
    theirs: { outline: other, clear: theirs.clear },
    origins,
  })
  return text === undefined ? undefined : parsed(text, { store, file: ours.file })
}

// What came from two texts may be none that can be read.
function parsed(text: string, { store, file }: { store: Store; file: string }): Document | undefined {
  try {
    return store.parse(Buffer.from(text), { file, encrypted: true })
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}
