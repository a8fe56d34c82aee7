import {
  type Comment,
  comment,
  entry,
  type ListNode,
  leaf,
  type MapNode,
  type Node,
} from '../../tree/tree.ts'
import { maxDepth } from '../../tree/walk.ts'
import { resolveScalar, ScalarError } from './resolve.ts'
import type { YamlDocument, YamlNode } from './syntax/node.ts'
import type { CommentLine } from './syntax/token.ts'

/** More nodes than this out of aliases and the file is refused, before it fills the memory. */
const maxAliased = 100_000

/** A document that has no place in a tree of sops: says the line, counted from 1. */
export class TreeError extends Error {
  readonly line: number
  readonly code: ScalarError['code']

  constructor(message: string, { line, code = 'readInput' }: { line: number; code?: ScalarError['code'] }) {
    super(message)
    this.line = line
    this.code = code
  }
}

/** The tree of a document. Comments become items in the order in which sops makes them items. */
export function readTree({ root, head, foot }: YamlDocument): MapNode {
  const tree = new TreeReader()
  if (root.kind === 'list') throw new TreeError('is a list at the top: sops reads maps', root)
  if (root.kind === 'scalar' && resolve(root) !== null) {
    throw new TreeError('is a single value at the top: sops reads maps', root)
  }
  // A document without anything is an empty map, and keeps its comments.
  const own = root.kind === 'scalar' ? tree.comments([...root.head, ...root.inline]) : tree.map(root).items
  return { type: 'map', items: [...tree.comments(head), ...own, ...tree.comments(foot)] }
}

class TreeReader {
  private depth = 0
  /** How many aliases surround what is read, and how much was read in any. */
  private aliases = 0
  private aliased = 0

  comments(lines: CommentLine[], { inline }: { inline?: boolean } = {}): Comment[] {
    return lines
      .filter(({ text }) => text !== '')
      .map(({ text, start }) =>
        comment(text.slice(1), {
          ...(inline && { inline }),
          ...(this.aliases === 0 && { place: { start, end: start + text.length } }),
        }),
      )
  }

  map(node: YamlNode): MapNode {
    const own = [...this.comments(node.head), ...this.comments(node.inline)]
    return { type: 'map', items: [...own, ...this.entries(node), ...this.comments(node.foot)] }
  }

  private entries({ content }: YamlNode): MapNode['items'] {
    const items: MapNode['items'] = []
    for (let at = 0; at < content.length; at += 2) {
      const key = content[at]!
      const value = content[at + 1]!
      const isSingle = value.kind === 'scalar' || value.kind === 'alias'
      items.push(...this.comments(key.head), ...this.comments(key.inline))
      if (isSingle) items.push(...this.comments(value.head), ...this.comments(value.inline, { inline: true }))
      items.push(entry(keyText(key), this.node(value, { withComments: !isSingle })))
      if (isSingle) items.push(...this.comments(value.foot))
      items.push(...this.comments(key.foot))
    }
    return items
  }

  private list(node: YamlNode): ListNode['items'] {
    return node.content.flatMap((item) => [
      ...this.comments(item.head),
      ...this.comments(item.inline, { inline: true }),
      this.node(item, { withComments: false }),
      ...this.comments(item.foot),
    ])
  }

  private node(node: YamlNode, { withComments }: { withComments: boolean }): Node {
    this.check(node)
    if (node.kind === 'alias') return this.alias(node)
    if (node.kind === 'scalar') return leaf(resolve(node), this.aliases === 0 ? node.place : undefined)
    this.depth++
    const read = node.kind === 'map' ? this.entries(node) : this.list(node)
    this.depth--
    const items = withComments
      ? [...this.comments(node.head), ...this.comments(node.inline), ...read, ...this.comments(node.foot)]
      : read
    return { type: node.kind, items } as MapNode | ListNode
  }

  private alias({ target }: YamlNode): Node {
    this.aliases++
    const read = this.node(target!, { withComments: true })
    this.aliases--
    return read
  }

  private check(node: YamlNode): void {
    if (this.aliases > 0 && ++this.aliased > maxAliased) {
      throw new TreeError(`has aliases that stand for more than ${maxAliased} values`, node)
    }
    if (this.depth + this.aliases > maxDepth) {
      const hint = this.aliases > 0 ? ', or an alias stands inside its own anchor' : ''
      throw new TreeError(`is nested more than ${maxDepth} levels deep${hint}`, node)
    }
  }
}

function keyText(node: YamlNode): string {
  const key = node.kind === 'alias' ? node.target! : node
  const value = key.kind === 'scalar' ? resolve(key) : undefined
  if (typeof value === 'string') return value
  const code = value === undefined ? 'readInput' : 'encryptTree'
  throw new TreeError('has a key that is no text: quote it', { line: node.line, code })
}

function resolve({ value, tag, style, line }: YamlNode): ReturnType<typeof resolveScalar> {
  try {
    return resolveScalar(value, { tag, isPlain: style === 'plain' })
  } catch (error) {
    if (!(error instanceof ScalarError)) throw error
    throw new TreeError(error.message, { line, code: error.code })
  }
}
