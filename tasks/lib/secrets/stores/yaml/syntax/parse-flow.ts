import { emptyNode, type YamlNode } from './node.ts'
import type { NodeReader } from './node-reader.ts'
import { giveFoot } from './parse-block.ts'
import type { TokenType } from './token.ts'

const listEnds: readonly TokenType[] = ['flow-entry', 'flow-sequence-end']
const mapEnds: readonly TokenType[] = ['flow-entry', 'flow-mapping-end']

/** What stands between [ and ]. */
export function parseFlowList(list: YamlNode, parser: NodeReader): void {
  entries(list, parser, { end: 'flow-sequence-end', bracket: ']' }, () => {
    const token = parser.peek()
    list.content.push(token.type === 'key' ? pair(parser) : parser.node('flow'))
  })
}

/** What stands between { and }. */
export function parseFlowMap(map: YamlNode, parser: NodeReader): void {
  entries(map, parser, { end: 'flow-mapping-end', bracket: '}' }, () => {
    if (parser.peek().type === 'key') {
      parser.skip()
      map.content.push(parser.nodeUnless(['value', ...mapEnds], 'flow'))
      map.content.push(value(parser, mapEnds))
    } else {
      map.content.push(parser.node('flow'))
      map.content.push(emptyNode(parser.peek()))
    }
    giveFoot(map.content)
  })
}

function entries(
  node: YamlNode,
  parser: NodeReader,
  { end, bracket }: { end: TokenType; bracket: string },
  read: () => void,
): void {
  parser.skip()
  for (let isFirst = true; parser.peek().type !== end; isFirst = false) {
    if (!isFirst) {
      if (parser.peek().type !== 'flow-entry') parser.fail(`a comma or ${bracket} is expected here`)
      if (parser.next().type === end) break
    }
    read()
  }
  const { inline, foot } = parser.takeComments()
  node.inline = inline
  node.foot = foot
  parser.skip()
}

// "[key: value]" holds a map of one entry.
function pair(parser: NodeReader): YamlNode {
  const map: YamlNode = { ...emptyNode(parser.peek()), kind: 'map', isFlow: true }
  const { type } = parser.next()
  if (type === 'value' || listEnds.includes(type)) {
    map.content.push(emptyNode(parser.peek()))
    // libyaml passes over what follows an empty key, and fails over what is behind it.
    parser.skip()
  } else map.content.push(parser.node('flow'))
  map.content.push(value(parser, listEnds))
  giveFoot(map.content)
  parser.peek()
  return map
}

function value(parser: NodeReader, ends: readonly TokenType[]): YamlNode {
  if (parser.peek().type !== 'value') return emptyNode(parser.peek())
  parser.skip()
  return parser.nodeUnless(ends, 'flow')
}
