import { decodeMetadata } from '../../metadata/decode.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import { type Comment, comment, type Entry, entry, leaf, map } from '../../tree/tree.ts'
import { rewriteText } from '../rewrite.ts'
import type { Document, ParseOptions, Store } from '../store.ts'
import { alreadyEncrypted, decodeText, textError } from '../text.ts'
import { emitIni } from './ini-emit.ts'
import { readIni, type Section } from './ini-read.ts'
import { iniSyntax } from './ini-rewrite.ts'
import { nestedBlock } from './nested-block.ts'

/** INI: sections with texts, as gopkg.in/ini.v1 reads and writes them for sops. */
export const iniStore: Store = {
  parse: (bytes, options) => parseIni(decodeText(bytes, options), options),
  emit: emitIni,
  rewrite(document, changed, { like } = {}) {
    const losesText = !document.metadata && readIni(document.text, { file: '', encrypted: false }).losesText
    return losesText ? undefined : rewriteText(document, changed, { syntax, like })
  },
}

const syntax = { ...iniSyntax, parse: parseIni }

function parseIni(text: string, options: ParseOptions): Document {
  const { sections } = readIni(text, options)
  const block = sections.filter(isSops)
  const metadata = readMetadata(block, options)
  const items = sections.filter((section) => !isSops(section)).map(sectionEntry)
  return { type: 'ini', branches: [map(items)], ...(metadata && { metadata }), text }
}

function isSops({ name }: { name: string }): boolean {
  return name === 'sops'
}

function readMetadata([block, ...others]: Section[], options: ParseOptions): Metadata | undefined {
  if (!block) return undefined
  const { line } = block
  const at = { file: options.file, line }
  if (!options.encrypted) throw alreadyEncrypted('sops', at)
  if (others.length > 0) throw textError('has the section sops more than once', { ...options, line })
  if (block.keys.size === 0) return undefined
  const pairs = [...block.keys].map(([key, { value }]) => [key, value.replaceAll('\\n', '\n')] as const)
  return decodeMetadata(nestedBlock(pairs, { ...options, line }), at)
}

// The comment of a section is the first of its items; that of a key, the item behind it.
function sectionEntry({ name, comment: remark, keys }: Section): Entry {
  const items = [...keys].flatMap(([key, { value, place, comment: behind }]): (Entry | Comment)[] => [
    entry(key, leaf(value, place)),
    ...(behind ? [comment(behind.text, behind)] : []),
  ])
  return entry(name, map(remark ? [comment(remark.text, remark), ...items] : items))
}
