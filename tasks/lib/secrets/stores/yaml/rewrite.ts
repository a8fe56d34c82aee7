import { TaskError } from '../../../cli/errors.ts'
import { isSameState } from '../differences.ts'
import { commentsOf, isSameContent } from '../same-content.ts'
import { type Edit, splice } from '../splice.ts'
import type { Document, State } from '../store.ts'
import { withItemsAsComments, withListComments } from './list-comments.ts'
import { parseYaml } from './read.ts'
import { blockEdits, lineBreakOf, type Sealable } from './rewrite-block.ts'
import { commentItems } from './rewrite-items.ts'
import { lostComments } from './rewrite-lost.ts'
import { sourceOf } from './rewrite-places.ts'
import { valueEdits } from './rewrite-values.ts'
import { parseDocuments } from './syntax/documents.ts'
import type { YamlNode } from './syntax/node.ts'

/** The contract of Store.rewrite. What was written is read again: where it does not say what it should, undefined. */
export function rewriteYaml(
  document: Document,
  changed: State,
  options: { like?: Document } = {},
): Uint8Array | undefined {
  const bytes = rewrittenText(document, changed, options)
  if (!bytes || says(bytes, changed)) return bytes
  // A block or a comment at the end of a text without a last line end may say less than it should.
  const ended = Buffer.concat([bytes, Buffer.from(lineBreakOf(document.text))])
  return !changed.metadata && says(ended, changed) ? ended : undefined
}

/** The text with what differs written anew; comments may belong elsewhere in it than they should. */
export function rewrittenText(
  document: Document,
  changed: State,
  { like }: { like?: Document },
): Uint8Array | undefined {
  const items = commentItems(document, changed, { like })
  const bytes = withItems(document, changed, { like, items })
  if (items.size === 0 || (bytes && saysSameContent(bytes, changed))) return bytes
  return withItems(document, changed, { like, items: new Set() })
}

function withItems(
  document: Document,
  changed: State,
  { like, items }: { like?: Document; items: ReadonlySet<number> },
): Uint8Array | undefined {
  const own = sealable(document)
  const block = blockEdits(own, changed.metadata, { like: like && sealable(like) })
  const source = sourceOf(own.text, { roots: own.roots, commentItems: items })
  const values =
    block && valueEdits(withListComments(document.branches), withListComments(changed.branches), source)
  if (!values) return undefined
  const isSealed = !document.metadata && changed.metadata !== undefined
  const more = isSealed ? [...lostComments(own.text, known(own, document)), ...closedBlock(own, values)] : []
  return Buffer.from(splice(own.text, [...values, ...block, ...more]))
}

function known({ roots }: Sealable, { branches }: Document) {
  return { roots, known: new Set(commentsOf(branches).map(({ place }) => place?.start ?? -1)) }
}

// A block at the end of a text without a last line end has none either, unless the sops block follows.
function closedBlock({ text, roots }: Sealable, edits: Edit[]): Edit[] {
  const last = scalarsOf(roots.at(-1)!).find(({ place }) => place?.end === text.length)
  if (!last || (last.style !== 'literal' && last.style !== 'folded')) return []
  const { start } = last.place!
  const [header, kept] = /^((?:!\S+[ \t]+)?[|>]\d?)\+?(?!-)/.exec(text.slice(start)) ?? []
  if (header === undefined || edits.some((edit) => edit.start === start)) return []
  return [{ start, end: start + header.length, text: `${kept}-` }]
}

function scalarsOf(node: YamlNode): YamlNode[] {
  return node.kind === 'scalar' ? [node] : node.content.flatMap(scalarsOf)
}

function sealable({ text, metadata }: Document): Sealable {
  return { text, roots: parseDocuments(text).map(({ root }) => root), ...(metadata && { metadata }) }
}

// In clear text no ciphertext depends on the map or list that a comment belongs to.
function says(bytes: Uint8Array, { branches, metadata }: State): boolean {
  const read = readAgain(bytes, { encrypted: metadata !== undefined })
  if (!read || !metadata) return read !== undefined && isSameContent(read.branches, branches)
  const written = { branches: withListComments(read.branches), metadata: read.metadata }
  return isSameState(written, { branches: withListComments(branches), metadata })
}

function saysSameContent(bytes: Uint8Array, { branches, metadata }: State): boolean {
  const read = readAgain(bytes, { encrypted: metadata !== undefined })
  return (
    read !== undefined && isSameContent(withItemsAsComments(read.branches), withItemsAsComments(branches))
  )
}

/** What was written; undefined where it cannot be read. */
export function readAgain(bytes: Uint8Array, { encrypted }: { encrypted: boolean }): Document | undefined {
  try {
    return parseYaml(bytes, { file: '', encrypted })
  } catch (error) {
    if (error instanceof TaskError) return undefined
    throw error
  }
}
