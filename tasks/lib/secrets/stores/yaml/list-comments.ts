import { type Comment, type Entry, type Leaf, leaf, type MapNode, type Node } from '../../tree/tree.ts'

/** A comment of a list, as a leaf: encrypted it is an item of the list, clear a comment, and both are the same. */
export interface ListComment extends Leaf {
  comment: Comment
}

/** The branches with the comments of lists as leaves, so that clear and encrypted trees have the same shape. */
export function withListComments(branches: MapNode[]): MapNode[] {
  return branches.map(ofMap)
}

function ofMap(node: MapNode): MapNode {
  const items = node.items.map((item): Entry | Comment =>
    item.type === 'comment' ? item : { ...item, value: ofNode(item.value) },
  )
  return { ...node, items }
}

function ofNode(node: Node): Node {
  if (node.type === 'leaf') return node
  if (node.type === 'map') return ofMap(node)
  return {
    ...node,
    items: node.items.map((item) => (item.type === 'comment' ? ofComment(item) : ofNode(item))),
  }
}

function ofComment(comment: Comment): ListComment {
  return { ...leaf(comment.text, comment.place), comment }
}
