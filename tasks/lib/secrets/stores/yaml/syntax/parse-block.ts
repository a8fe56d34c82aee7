import { emptyNode, type YamlNode } from './node.ts'
import type { NodeReader } from './node-reader.ts'
import type { TokenType } from './token.ts'

const keyEnds: readonly TokenType[] = ['key', 'value', 'block-end']

/** The entries of a list that is indented. */
export function parseBlockList(list: YamlNode, parser: NodeReader): void {
  parser.skip()
  while (parser.peek().type === 'block-entry') {
    list.content.push(listEntry(parser, ['block-entry', 'block-end']))
  }
  if (parser.peek().type !== 'block-end')
    parser.fail('a list entry, which starts with "- ", is expected here')
  parser.skip()
}

/** The entries of a list whose - stands right below its key. */
export function parseIndentlessList(list: YamlNode, parser: NodeReader): void {
  while (parser.peek().type === 'block-entry') {
    list.content.push(listEntry(parser, ['block-entry', ...keyEnds]))
  }
}

function listEntry(parser: NodeReader, ends: readonly TokenType[]): YamlNode {
  const above = parser.head.length
  const { type } = parser.next()
  if (above > 0 && (type === 'block-sequence-start' || type === 'block-mapping-start')) {
    parser.stem = parser.head.slice(0, above)
    parser.head = parser.head.slice(above)
  }
  return parser.nodeUnless(ends, 'block')
}

/** The keys and values of a map. */
export function parseBlockMap(map: YamlNode, parser: NodeReader): void {
  const { content } = map
  parser.skip()
  while (parser.peek().type === 'key') {
    parser.skip()
    const key = parser.nodeUnless(keyEnds, 'block-or-list')
    // A comment that came up with a key and is not above it belongs to the entry before.
    const previous = content.at(-2)
    if (previous && key.foot.length > 0) {
      previous.foot = key.foot
      key.foot = []
    }
    content.push(key)
    content.push(mapValue(parser))
    giveFoot(content)
  }
  if (parser.peek().type !== 'block-end') parser.fail('a key is expected here: check the indentation')
  const { inline, foot } = parser.takeComments()
  map.inline = inline
  const last = content.at(-2)
  if (last && foot.length > 0) last.foot = foot
  else map.foot = foot
  parser.skip()
}

function mapValue(parser: NodeReader): YamlNode {
  const token = parser.peek()
  if (token.type !== 'value') return emptyNode(token)
  parser.skip()
  return parser.nodeUnless(keyEnds, 'block-or-list')
}

/** A comment below the last value of a map is one of its key, unless the key has one. */
export function giveFoot(content: YamlNode[]): void {
  const [key, value] = content.slice(-2)
  if (key!.foot.length > 0 || value!.foot.length === 0) return
  key!.foot = value!.foot
  value!.foot = []
}
