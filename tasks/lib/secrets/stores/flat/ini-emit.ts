import { SecretError } from '../../errors.ts'
import { encodeMetadata } from '../../metadata/encode.ts'
import { flatten } from '../../metadata/flatten.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import type { Entry, MapNode } from '../../tree/tree.ts'
import type { Document } from '../store.ts'
import { readIni } from './ini-read.ts'
import { type IniSection, writeIni } from './ini-write.ts'
import { valueText } from './value-text.ts'

/**
 * A tree of sections as INI. Throws a SecretError where it holds anything else; and for an encrypted file, where a name
 * or a value would be read back as something else, so that nobody could open it any more.
 */
export function emitIni({ branches, metadata }: Pick<Document, 'branches' | 'metadata'>): Uint8Array {
  const sections = branches[0]!.items.flatMap((item) => (item.type === 'entry' ? [sectionOf(item)] : []))
  if (!metadata) return writeIni(sections)
  const bytes = writeIni([...sections, iniBlock(metadata)])
  const read = readIni(bytes.toString(), { file: '', encrypted: true }).sections
  if (contents(read.filter(({ name }) => name !== 'sops')) === contents(sections)) return bytes
  throw dumpError('a name or a value would be read as something else')
}

/** The section with the metadata. Line ends in it are written as \n. */
export function iniBlock(metadata: Metadata): IniSection {
  const fields = flatten(encodeMetadata(metadata)).map(
    ([key, value]) => [key, { value: value.replaceAll('\n', '\\n') }] as const,
  )
  return { name: 'sops', keys: new Map(fields) }
}

function sectionOf({ key: name, value }: Entry): IniSection {
  if (value.type !== 'map') throw dumpError(`${name} is not a section but a ${value.type}`)
  if (name === '') throw dumpError('a section has no name')
  const [first] = value.items
  const comment = first?.type === 'comment' ? first.text : undefined
  return { name, comment, keys: keysOf(value, name) }
}

// A comment belongs to the key before it; of several, the last one stays.
function keysOf({ items }: MapNode, section: string): IniSection['keys'] {
  const keys: IniSection['keys'] = new Map()
  let last: { value: string | Uint8Array; comment?: string } | undefined
  for (const item of items) {
    if (item.type === 'comment') {
      if (last) last.comment = item.text
      continue
    }
    if (item.value.type !== 'leaf')
      throw dumpError(`the value of ${section}.${item.key} is a ${item.value.type}`)
    if (item.key === '') throw dumpError(`a key of ${section} has no name`)
    last = { ...keys.get(item.key), value: valueText(item.value.value) }
    keys.set(item.key, last)
  }
  return keys
}

function contents(
  sections: { name: string; keys: ReadonlyMap<string, { value: string | Uint8Array }> }[],
): string {
  const filled = sections.filter(({ keys }) => keys.size > 0)
  return JSON.stringify(
    filled.map(({ name, keys }) => [
      name,
      [...keys].map(([key, { value }]) => [key, Buffer.from(value).toString()]),
    ]),
  )
}

function dumpError(what: string): SecretError {
  return new SecretError(`cannot be written as INI: ${what}`, { code: 'dumpTree' })
}
