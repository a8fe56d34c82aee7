import { TaskError } from '../../../cli/errors.ts'
import { isSameState } from '../differences.ts'
import { splice } from '../splice.ts'
import type { Document } from '../store.ts'
import { withListComments } from './list-comments.ts'
import { parseYaml } from './read.ts'
import { blockEdits, type Sealable } from './rewrite-block.ts'
import { sourceOf } from './rewrite-places.ts'
import { valueEdits } from './rewrite-values.ts'
import { parseDocuments } from './syntax/documents.ts'

type State = Pick<Document, 'branches' | 'metadata'>

/** The contract of Store.rewrite. What was written is read again: where it does not say what it should, undefined. */
export function rewriteYaml(
  document: Document,
  changed: State,
  { like }: { like?: Document } = {},
): Uint8Array | undefined {
  const own = sealable(document)
  const block = blockEdits(own, changed.metadata, { like: like && sealable(like) })
  const source = sourceOf(own.text, own.roots)
  const values =
    block && valueEdits(withListComments(document.branches), withListComments(changed.branches), source)
  if (!values) return undefined
  const bytes = Buffer.from(splice(own.text, [...values, ...block]))
  return says(bytes, changed) ? bytes : undefined
}

function sealable({ text, metadata }: Document): Sealable {
  return { text, roots: parseDocuments(text).map(({ root }) => root), ...(metadata && { metadata }) }
}

function says(bytes: Uint8Array, changed: State): boolean {
  try {
    const { branches, metadata } = parseYaml(bytes, { file: '', encrypted: changed.metadata !== undefined })
    const written = { branches: withListComments(branches), metadata }
    return isSameState(written, { ...changed, branches: withListComments(changed.branches) })
  } catch (error) {
    if (error instanceof TaskError) return false
    throw error
  }
}
