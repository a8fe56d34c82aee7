import {
  type Comment,
  comment,
  type Entry,
  type Leaf,
  type ListNode,
  leaf,
  type MapNode,
  type Node,
} from '../../tree/tree.ts'

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

const encryptedComment = /^ENC\[AES256_GCM,.*,type:comment\]$/

/** An item of a list that is an encrypted comment, as sops writes it. */
function isCommentItem(item: Node | Comment): boolean {
  return item.type === 'leaf' && typeof item.value === 'string' && encryptedComment.test(item.value)
}

/** The branches with the encrypted comments that are items of lists as comments. */
export function withItemsAsComments(branches: MapNode[]): MapNode[] {
  const ofItem = (item: Node | Comment) => (item.type === 'comment' ? item : asComments(item))
  const asComments = (node: Node): Node | Comment => {
    if (node.type === 'leaf') return node
    if (node.type === 'map') return asMap(node)
    const items = node.items.map((item) =>
      isCommentItem(item)
        ? comment(String((item as Leaf).value), { place: (item as Leaf).place })
        : ofItem(item),
    )
    return { ...node, items: items as ListNode['items'] }
  }
  const asMap = (node: MapNode): MapNode => ({
    ...node,
    items: node.items.map((item) =>
      item.type === 'comment' ? item : { ...item, value: asComments(item.value) as Node },
    ),
  })
  return branches.map(asMap)
}
