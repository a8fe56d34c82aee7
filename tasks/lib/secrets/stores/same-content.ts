import type { Comment, Entry, ListNode, MapNode, Node } from '../tree/tree.ts'
import { differences } from './differences.ts'

/** Whether two trees have the same values in the same order, and the same comments, wherever those belong; empty ones do not count. */
export function isSameContent(a: MapNode[], b: MapNode[]): boolean {
  const isSame = differences(a.map(withoutComments), b.map(withoutComments))?.length === 0
  return isSame && commentTexts(a).join('\n') === commentTexts(b).join('\n')
}

/** A tree with its values only. */
export function withoutComments(branch: MapNode): MapNode {
  return stripped(branch) as MapNode
}

function stripped(node: Node): Node {
  if (node.type === 'leaf') return node
  const items = (node.items as (Entry | Node | Comment)[]).flatMap((item): (Entry | Node)[] => {
    if (item.type === 'comment') return []
    return [item.type === 'entry' ? { ...item, value: stripped(item.value) } : stripped(item)]
  })
  return { ...node, items } as MapNode | ListNode
}

function commentTexts(branches: MapNode[]): string[] {
  return commentsOf(branches)
    .map(({ text }) => text)
    .filter((text) => text !== '')
    .sort()
}

/** The comments of trees, in their order. */
export function commentsOf(nodes: (Node | Entry | Comment)[]): Comment[] {
  return nodes.flatMap((node): Comment[] => {
    if (node.type === 'comment') return [node]
    if (node.type === 'entry') return commentsOf([node.value])
    return node.type === 'leaf' ? [] : commentsOf(node.items)
  })
}
