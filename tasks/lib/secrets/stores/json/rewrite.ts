import type { Metadata } from '../../metadata/metadata.ts'
import type { Entry, Node, Place, Scalar } from '../../tree/tree.ts'
import type { Block, Syntax } from '../rewrite.ts'
import type { Edit } from '../splice.ts'
import { type JsonObject, readJson } from './read.ts'
import { jsonLiteral, jsonString } from './scalar.ts'
import { sopsMember } from './write.ts'

/** How JSON is edited in its text. */
export const jsonSyntax: Omit<Syntax, 'parse'> = {
  write: (item) => (item.type === 'leaf' ? literal(item.value) : undefined),
  block: (text) => findBlock(readAgain(text)).block,
  writeField: (value, old) => (old.startsWith('"') ? jsonString(value) : value),
  newBlock: (metadata, text) => newBlock(metadata, text),
  addBlock: (text, block) => addBlock(text, block),
  removeBlock: (text) => removeBlock(readAgain(text)),
}

// As people write it: nothing is escaped for HTML. Minus zero would be read as a whole number, which has none.
function literal(value: Scalar): string | undefined {
  if (typeof value === 'string') return JSON.stringify(value)
  return Object.is(value, -0) ? '-0.0' : jsonLiteral(value)
}

// The text was read before without an error.
function readAgain(text: string): JsonObject {
  return readJson(text, { file: '', encrypted: true })
}

function findBlock({ root, members }: JsonObject): { block: Block; index: number } {
  const index = root.items.findIndex((item) => item.type === 'entry' && item.key === 'sops')
  const fields = new Map(places((root.items[index] as Entry).value, ''))
  return { block: { pieces: [members[index]!], fields }, index }
}

function places(node: Node, name: string): [string, Place][] {
  if (node.type === 'leaf') return [[name, node.place!]]
  if (node.type === 'list') {
    return node.items.flatMap((item, index) => places(item as Node, `${name}__list_${index}`))
  }
  const separator = name === '' ? '' : '__map_'
  return (node.items as Entry[]).flatMap(({ key, value }) => places(value, `${name}${separator}${key}`))
}

// Indented as the first member of the text is; on one line where the text is.
function newBlock(metadata: Metadata, text: string): string {
  const { members, inside } = readAgain(text)
  const before = text.slice(inside.start, members[0]?.start ?? inside.end)
  const indent = members[0] ? before.split('\n')[1] : '\t'
  return sopsMember(metadata, { indent, level: 1 })
}

function addBlock(text: string, block: string): Edit[] {
  const { members, inside } = readAgain(text)
  const last = members.at(-1)
  if (!last) return [{ ...inside, text: `\n\t${block}\n` }]
  const start = members.at(-2)?.end ?? inside.start
  const space = text
    .slice(start, last.start)
    .replace(/^\s*,/, '')
    .replace(/^\s*?(\r?\n[ \t]*)$/, '$1')
  return [{ start: last.end, end: last.end, text: `,${space}${block}` }]
}

function removeBlock(object: JsonObject): Edit[] {
  const { members, inside } = object
  const { index } = findBlock(object)
  const [before, own, after] = [members[index - 1], members[index]!, members[index + 1]]
  if (after) return [{ start: own.start, end: after.start, text: '' }]
  return [before ? { start: before.end, end: own.end, text: '' } : { ...inside, text: '' }]
}
