import { SecretError } from '../../errors.ts'
import { decodeMetadata } from '../../metadata/decode.ts'
import { encodeMetadata } from '../../metadata/encode.ts'
import { flatten } from '../../metadata/flatten.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import { type Comment, comment, type Entry, entry, leaf, map } from '../../tree/tree.ts'
import { rewriteText, type Syntax } from '../rewrite.ts'
import type { Document, ParseOptions, Store } from '../store.ts'
import { alreadyEncrypted, decodeText } from '../text.ts'
import { type DotenvLine, readDotenv } from './dotenv-lines.ts'
import { nestedBlock } from './nested-block.ts'
import { encodeValue, valueText } from './value-text.ts'

/** dotenv: KEY=VALUE lines. Values are taken as they stand, quotes included; \n in one is a line end. */
export const dotenvStore: Store = {
  parse: (bytes, options) => parseDotenv(decodeText(bytes, options), options),
  emit: emitDotenv,
  rewrite: (document, changed, { like } = {}) => rewriteText(document, changed, { syntax, like }),
}

const prefix = 'sops_'

const syntax: Syntax = {
  parse: parseDotenv,
  write: (item) => (item.type === 'comment' ? item.text : valueLine(item.value)),
  block: (text) => findBlock(text),
  writeField: escaped,
  newBlock: (metadata) => blockLines(metadata),
  addBlock(text, block) {
    const space = text === '' || text.endsWith('\n') ? '' : '\n'
    return [{ start: text.length, end: text.length, text: space + block }]
  },
  removeBlock: (text) => findBlock(text).pieces.map((piece) => ({ ...piece, text: '' })),
}

function parseDotenv(text: string, options: ParseOptions): Document {
  const lines = readDotenv(text, options)
  const block = lines.filter(isBlock)
  const metadata = readMetadata(block, options)
  const items = lines.filter((line) => !isBlock(line)).map(itemOf)
  return { type: 'dotenv', branches: [map(items)], ...(metadata && { metadata }), text }
}

function readMetadata(block: DotenvLine[], options: ParseOptions): Metadata | undefined {
  const [first] = block
  if (!first) return undefined
  const at = { file: options.file, line: first.line }
  if (!options.encrypted) throw alreadyEncrypted(first.key!, at)
  const pairs = block.map(({ key, value }) => [key!.slice(prefix.length), unescaped(value)] as const)
  return decodeMetadata(nestedBlock(pairs, { ...options, line: first.line }), at)
}

function itemOf({ key, value, place }: DotenvLine): Entry | Comment {
  return key === undefined ? comment(value, { place }) : entry(key, leaf(unescaped(value), place))
}

function isBlock({ key }: DotenvLine): boolean {
  return key?.startsWith(prefix) ?? false
}

function findBlock(text: string) {
  const lines = readDotenv(text, { file: '', encrypted: true }).filter(isBlock)
  const fields = new Map(lines.map(({ key, place }) => [key!.slice(prefix.length), place]))
  return { pieces: lines.map(({ whole }) => whole), fields }
}

function blockLines(metadata: Metadata): string {
  return flatten(encodeMetadata(metadata))
    .map(([key, value]) => `${prefix}${key}=${escaped(value)}\n`)
    .join('')
}

function emitDotenv({ branches, metadata }: Pick<Document, 'branches' | 'metadata'>): Uint8Array {
  const lines = branches[0]!.items.flatMap((item) =>
    item.type === 'comment' ? [Buffer.from(`#${item.text}\n`)] : entryLine(item),
  )
  return Buffer.concat([...lines, Buffer.from(metadata ? blockLines(metadata) : '')])
}

function entryLine({ key, value }: Entry): Buffer[] {
  if (value.type === 'leaf') {
    return [Buffer.from(`${key}=`), encodeValue(valueText(value.value), escaped), Buffer.from('\n')]
  }
  const message = `cannot be written as dotenv: the value of ${key} is a ${value.type}`
  throw new SecretError(message, { code: 'dumpTree' })
}

function valueLine(value: Parameters<typeof valueText>[0]): string | undefined {
  const text = valueText(value)
  return typeof text === 'string' ? escaped(text) : undefined
}

function escaped(text: string): string {
  return text.replaceAll('\n', '\\n')
}

function unescaped(text: string): string {
  return text.replaceAll('\\n', '\n')
}
