import { decodeMetadata } from '../../metadata/decode.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import { type Entry, map } from '../../tree/tree.ts'
import { rewriteText } from '../rewrite.ts'
import type { Document, EmitOptions, ParseOptions, Store } from '../store.ts'
import { alreadyEncrypted, decodeText, lineAt, textError } from '../text.ts'
import { type JsonObject, readJson } from './read.ts'
import { jsonSyntax } from './rewrite.ts'
import { plainOf, sopsEntry, writeJson } from './write.ts'

/** JSON with an object at the top. */
export const jsonStore: Store = {
  parse: (bytes, options) => parseJson(decodeText(bytes, options), options),
  emit: emitJson,
  rewrite: (document, changed, { like } = {}) => rewriteText(document, changed, { syntax, like }),
}

const syntax = { ...jsonSyntax, parse: parseJson }

function parseJson(text: string, options: ParseOptions): Document {
  const object = readJson(text, options)
  const items = object.root.items.filter((item) => !isSops(item as Entry))
  const metadata = readMetadata(object, { text, options })
  return { type: 'json', branches: [map(items)], ...(metadata && { metadata }), text }
}

function readMetadata(
  { root, members }: JsonObject,
  { text, options }: { text: string; options: ParseOptions },
): Metadata | undefined {
  const items = root.items as Entry[]
  const found = items.find(isSops)
  if (!found) return undefined
  const { file, encrypted } = options
  const line = lineAt(text, members[items.indexOf(found)]!.start)
  if (!encrypted) throw alreadyEncrypted('sops', { file, line })
  const error = (message: string) => textError(message, { ...options, line })
  if (items.filter(isSops).length > 1) throw error('has the key sops more than once')
  if (found.value.type !== 'map') throw error('expected a map under the key sops')
  return found.value.items.length > 0 ? decodeMetadata(plainOf(found.value), { file, line }) : undefined
}

function isSops({ key }: Entry): boolean {
  return key === 'sops'
}

function emitJson(
  { branches, metadata }: Pick<Document, 'branches' | 'metadata'>,
  { indent = -1 }: EmitOptions = {},
): Uint8Array {
  const items = [...branches[0]!.items, ...(metadata ? [sopsEntry(metadata)] : [])]
  const layout = { indent: indent < 0 ? '\t' : ' '.repeat(indent) }
  return Buffer.from(`${writeJson(map(items), layout)}\n`)
}
