import type { Comment, Entry, Leaf, ListNode, MapNode, Node } from '../../tree/tree.ts'
import { commentsOf } from '../same-content.ts'
import type { Document, State } from '../store.ts'
import { readAgain, rewrittenText } from './rewrite.ts'

type Item = Node | Entry | Comment

/** The contract of Store.settle: the encrypted text is written and read, and what was read gets its clear text back. */
export function settleYaml(
  document: Document,
  sealed: State,
  options: { like?: Document } = {},
): MapNode[] | undefined {
  const bytes = rewrittenText(document, sealed, options)
  const read = bytes && readAgain(bytes, { encrypted: true })
  if (!read) return undefined
  const back = new ClearAgain(document.branches, sealed.branches)
  const branches = read.branches.map((branch) => back.node(branch) as MapNode)
  return back.isComplete ? branches : undefined
}

/** Values come in the same order as before, comments wherever: those of the same text stand for each other. */
class ClearAgain {
  private readonly leaves: Leaf[]
  private readonly comments = new Map<string, Comment[]>()

  constructor(clear: MapNode[], sealed: MapNode[]) {
    this.leaves = leavesOf(clear).reverse()
    const texts = commentsOf(sealed).map(({ text }) => text)
    commentsOf(clear).forEach((comment, index) => {
      const text = texts[index]!
      this.comments.set(text, [...(this.comments.get(text) ?? []), comment])
    })
  }

  /** Whether each value and comment found its place; empty comments, which are never encrypted, need none. */
  get isComplete(): boolean {
    return (
      this.leaves.length === 0 && [...this.comments].every(([text, left]) => text === '' || left.length === 0)
    )
  }

  node(node: Node): Node {
    if (node.type === 'leaf') return this.leaves.pop() ?? node
    const items = (node.items as Item[]).map((item): Item => {
      if (item.type === 'entry') return { ...item, value: this.node(item.value) }
      const comment = this.comment(item)
      return comment ?? (item.type === 'comment' ? item : this.node(item))
    })
    return { ...node, items } as MapNode | ListNode
  }

  // An encrypted comment of a list may be an item of it.
  private comment(item: Node | Comment): Comment | undefined {
    if (item.type !== 'comment' && (item.type !== 'leaf' || typeof item.value !== 'string')) return undefined
    const found = this.comments.get(item.type === 'comment' ? item.text : String(item.value))?.shift()
    if (!found) return undefined
    const { inline: _, ...comment } = found
    return item.type === 'comment' && item.inline ? { ...comment, inline: true } : comment
  }
}

function leavesOf(nodes: Item[]): Leaf[] {
  return nodes.flatMap((node): Leaf[] => {
    if (node.type === 'comment') return []
    if (node.type === 'entry') return leavesOf([node.value])
    return node.type === 'leaf' ? [node] : leavesOf(node.items)
  })
}
