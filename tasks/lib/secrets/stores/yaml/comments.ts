import { isEncrypted } from '../../tree/cipher.ts'
import { type Comment, type Entry, type ListNode, leaf, type MapNode, type Node } from '../../tree/tree.ts'

/** A node with the comments that sops gives to it: whole texts, each line with its #. */
export interface Placed {
  node: Node
  key?: string
  /** Above it. */
  head: string
  /** Behind it on its line. */
  line: string
  /** Below it. */
  foot: string
}

/** What stands in a map or list, in order, and the comments that belong to the map or list itself. */
export interface Content {
  head: string
  items: Placed[]
  tail: string
}

/** The content of a map or list as sops lays it out: comments above the first item are those of the whole. */
export function contentOf(node: MapNode | ListNode): Content {
  const content: Content = { head: '', items: [], tail: '' }
  let waiting: Comment[] = []
  for (const item of node.items) {
    if (item.type === 'comment' && !(node.type === 'list' && isEncrypted(item.text))) waiting.push(item)
    else {
      add(content, placed(item), waiting)
      waiting = []
    }
  }
  addRest(content, { node, rest: waiting })
  return content
}

// An encrypted comment of a list is written as an item, as sops does.
function placed(item: Node | Entry | Comment): Placed {
  const none = { head: '', line: '', foot: '' }
  if (item.type === 'entry') return { node: item.value, key: item.key, ...none }
  return { node: item.type === 'comment' ? leaf(item.text) : item, ...none }
}

function add(content: Content, item: Placed, waiting: Comment[]): void {
  const above = commentText(waiting.filter(({ inline }) => !inline))
  if (content.items.length === 0) content.head = above
  else item.head = above
  item.line = commentText(waiting.filter(({ inline }) => inline))
  content.items.push(item)
}

function addRest(content: Content, { node, rest }: { node: MapNode | ListNode; rest: Comment[] }): void {
  const below = commentText(rest.toSorted((a, b) => Number(a.inline ?? false) - Number(b.inline ?? false)))
  const last = content.items.at(-1)
  if (!last) content.head = below
  else if (node.type === 'map') content.tail = below
  else last.foot = below
}

function commentText(comments: Comment[]): string {
  return comments.map(({ text }) => `#${text}`).join('\n')
}
