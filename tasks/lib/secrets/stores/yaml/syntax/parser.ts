import { maxDepth } from '../../../tree/walk.ts'
import { YamlError } from './cursor.ts'
import { emptyNode, type YamlNode } from './node.ts'
import type { Context, NodeReader } from './node-reader.ts'
import { parseBlockList, parseBlockMap, parseIndentlessList } from './parse-block.ts'
import { parseFlowList, parseFlowMap } from './parse-flow.ts'
import { Scanner } from './scanner.ts'
import { Tags } from './tags.ts'
import type { CommentLine, Token, TokenType } from './token.ts'

interface Properties {
  anchor?: string
  tag: string
  placeStart?: number
}

/**
 * Reads tokens into nodes. Comments gather here as their tokens come by, until a node takes them all: in that order
 * lies, as in go-yaml, to which node a comment belongs. Source: how parserc.go and decode.go behave.
 */
export class Parser implements NodeReader {
  head: CommentLine[] = []
  stem: CommentLine[] = []
  readonly tags = new Tags()
  private inline: CommentLine[] = []
  private foot: CommentLine[] = []
  private depth = 0
  private readonly scanner: Scanner
  private readonly anchors = new Map<string, YamlNode>()

  constructor(text: string) {
    this.scanner = new Scanner(text)
  }

  peek(): Token {
    const token = this.scanner.peek()
    this.scanner.queue.takeComments(token, (kind, lines) => {
      this[kind === 'line' ? 'inline' : kind].push(...lines)
    })
    return token
  }

  skip(): void {
    this.scanner.queue.shift()
  }

  next(): Token {
    this.skip()
    return this.peek()
  }

  fail(message: string, { start }: Token = this.peek()): never {
    throw new YamlError(message, { line: start.line })
  }

  takeComments(): Pick<YamlNode, 'head' | 'inline' | 'foot'> {
    const { head, inline, foot } = this
    this.head = []
    this.inline = []
    this.foot = []
    this.stem = []
    return { head, inline, foot }
  }

  takeStem(): CommentLine[] {
    const { stem } = this
    this.stem = []
    return stem
  }

  nodeUnless(types: readonly TokenType[], context: Context): YamlNode {
    const token = this.peek()
    return types.includes(token.type) ? emptyNode(token) : this.node(context)
  }

  node(context: Context): YamlNode {
    const start = this.peek()
    if (start.type === 'alias') return this.alias(start)
    const properties = this.properties()
    const node = this.content(context, { start, properties })
    return node
  }

  /** Makes a node known under its anchor, and reads what it holds. */
  collection(node: YamlNode, { anchor }: Properties, fill: (node: YamlNode) => void): YamlNode {
    if (anchor !== undefined) this.anchors.set(anchor, node)
    if (++this.depth > maxDepth) this.fail(`is nested more than ${maxDepth} levels deep`)
    fill(node)
    this.depth--
    return node
  }

  private alias(token: Token): YamlNode {
    const target = this.anchors.get(token.value!)
    if (!target) this.fail('an alias has no anchor before it: quote a text that starts with *', token)
    const node = { ...emptyNode(token), ...this.takeComments(), kind: 'alias' as const, target }
    this.skip()
    return { ...node, value: token.value! }
  }

  private properties(): Properties {
    const properties: Properties = { tag: '' }
    for (let token = this.peek(); ; token = this.next()) {
      if (token.type === 'anchor' && properties.anchor === undefined) properties.anchor = token.value!
      else if (token.type === 'tag' && properties.placeStart === undefined) {
        properties.tag =
          this.tags.resolve(token) ??
          this.fail('a tag has a handle without %TAG: quote a text that starts with !', token)
        properties.placeStart = token.start.index
      } else return properties
    }
  }

  private content(
    context: Context,
    { start, properties }: { start: Token; properties: Properties },
  ): YamlNode {
    const token = this.peek()
    const node = emptyNode(start)
    node.tag = properties.tag
    const collection = (
      kind: 'map' | 'list',
      fill: (node: YamlNode, parser: NodeReader) => void,
      more: Partial<YamlNode> = {},
    ) => this.collection(Object.assign(node, more, { kind }), properties, (made) => fill(made, this))
    const flow = () => ({ ...this.takeComments(), isFlow: true })
    if (token.type === 'block-entry' && context === 'block-or-list')
      return collection('list', parseIndentlessList)
    if (token.type === 'scalar') return this.scalar(node, { token, properties })
    if (token.type === 'flow-sequence-start') return collection('list', parseFlowList, flow())
    if (token.type === 'flow-mapping-start') return collection('map', parseFlowMap, flow())
    if (context !== 'flow') {
      if (token.type === 'block-sequence-start')
        return collection('list', parseBlockList, { head: this.takeStem() })
      if (token.type === 'block-mapping-start')
        return collection('map', parseBlockMap, { head: this.takeStem() })
    }
    if (properties.anchor === undefined && properties.placeStart === undefined)
      this.fail('a value is expected here', token)
    if (properties.anchor !== undefined) this.anchors.set(properties.anchor, node)
    return node
  }

  private scalar(
    node: YamlNode,
    { token, properties: { anchor, placeStart } }: { token: Token; properties: Properties },
  ): YamlNode {
    const { head, inline, foot } = this.takeComments()
    // One by one: a copy of the node with them takes a fifth of the time of reading a file.
    node.head = head
    node.inline = inline
    node.foot = foot
    node.place = { start: placeStart ?? token.start.index, end: token.end }
    node.value = token.value!
    node.style = token.style!
    if (anchor !== undefined) this.anchors.set(anchor, node)
    this.skip()
    return node
  }
}
