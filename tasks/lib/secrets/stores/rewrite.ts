import { TaskError } from '../../cli/errors.ts'
import { encodeMetadata } from '../metadata/encode.ts'
import { flatten } from '../metadata/flatten.ts'
import type { Metadata } from '../metadata/metadata.ts'
import type { Comment, Leaf, Place } from '../tree/tree.ts'
import { differences, isSameState } from './differences.ts'
import { type Edit, splice } from './splice.ts'
import type { Document, ParseOptions } from './store.ts'

/** How one kind of file is edited in its text. */
export interface Syntax {
  parse(text: string, options: ParseOptions): Document
  /** A leaf or comment as it stands at its place; undefined where it cannot. */
  write(item: Leaf | Comment): string | undefined
  /** Where the sops block stands in an encrypted text. */
  block(text: string): Block
  /** The text of a field of the block; `old` is what stands there. */
  writeField(value: string, old: string): string
  /** The sops block anew, fit for this text. */
  newBlock(metadata: Metadata, text: string): string
  /** Puts a block into a text that has none. */
  addBlock(text: string, block: string): Edit[]
  removeBlock(text: string): Edit[]
}

export interface Block {
  /** The text of the block: one piece, or each of its lines. */
  pieces: Place[]
  /** The places of its values, by their flattened keys. */
  fields: Map<string, Place>
}

type State = Pick<Document, 'branches' | 'metadata'>

/**
 * The contract of Store.rewrite, for a kind of file with this syntax. What was written is read again: where it does not
 * say what it should, undefined.
 */
export function rewriteText(
  document: Document,
  changed: State,
  { syntax, like }: { syntax: Syntax; like?: Document },
): Uint8Array | undefined {
  const values = valueEdits(document, changed, syntax)
  if (!values) return undefined
  const text = splice(document.text, [...values, ...blockEdits(document, changed.metadata, { syntax, like })])
  return says(text, changed, syntax) ? Buffer.from(text) : undefined
}

function valueEdits(document: Document, changed: State, { write }: Syntax): Edit[] | undefined {
  const edits = differences(document.branches, changed.branches)?.map(({ before, after }) => {
    const text = write(after)
    return before.place && text !== undefined ? { ...before.place, text } : undefined
  })
  return edits?.every((edit) => edit !== undefined) ? edits : undefined
}

function blockEdits(
  document: Document,
  after: Metadata | undefined,
  { syntax, like }: { syntax: Syntax; like?: Document },
): Edit[] {
  const { text, metadata: before } = document
  if (!after) return before ? syntax.removeBlock(text) : []
  if (!before) return syntax.addBlock(text, blockLike(like, after, syntax) ?? syntax.newBlock(after, text))
  const block = syntax.block(text)
  const inPlace = fieldEdits({ text, before, after, block }, syntax)
  if (inPlace) return inPlace
  const [first, ...others] = block.pieces
  return [
    { ...first!, text: syntax.newBlock(after, text) },
    ...others.map((piece) => ({ ...piece, text: '' })),
  ]
}

// The block of another state of the file, with only what differs written anew.
function blockLike(like: Document | undefined, after: Metadata, syntax: Syntax): string | undefined {
  if (!like?.metadata) return undefined
  const { text, metadata: before } = like
  const block = syntax.block(text)
  const edits = fieldEdits({ text, before, after, block }, syntax)
  return edits && block.pieces.map((piece) => splicePiece(text, piece, edits)).join('')
}

function splicePiece(text: string, { start, end }: Place, edits: Edit[]): string {
  const within = edits.filter((edit) => edit.start >= start && edit.end <= end)
  const shifted = within.map((edit) => ({ ...edit, start: edit.start - start, end: edit.end - start }))
  return splice(text.slice(start, end), shifted)
}

function fieldEdits(
  { text, before, after, block }: { text: string; before: Metadata; after: Metadata; block: Block },
  { writeField }: Syntax,
): Edit[] | undefined {
  const old = new Map(flatten(encodeMetadata(before)))
  const fields = flatten(encodeMetadata(after))
  if (fields.length !== old.size || !fields.every(([key]) => old.has(key))) return undefined
  const edits = fields
    .filter(([key, value]) => old.get(key) !== value)
    .map(([key, value]) => {
      const place = block.fields.get(key)
      return place && { ...place, text: writeField(value, text.slice(place.start, place.end)) }
    })
  return edits.every((edit) => edit !== undefined) ? edits : undefined
}

function says(text: string, changed: State, { parse }: Syntax): boolean {
  try {
    return isSameState(parse(text, { file: '', encrypted: changed.metadata !== undefined }), changed)
  } catch (error) {
    if (error instanceof TaskError) return false
    throw error
  }
}
