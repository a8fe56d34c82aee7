import type { Document } from '../store.ts'

/** The contract of Store.rewrite: no layout of YAML is kept yet. */
export function rewriteYaml(
  _document: Document,
  _changed: Pick<Document, 'branches' | 'metadata'>,
  _options: { like?: Document } = {},
): Uint8Array | undefined {
  return undefined
}
