import type { Selects } from './selector.ts'
import type { Comment, Entry, Leaf, ListNode, MapNode, Node } from './tree.ts'

/** A leaf or comment as a walk meets it; nulls are not met. */
export interface Visit {
  item: Leaf | Comment
  path: readonly string[]
  encrypted: boolean
}

/** A value that cannot be encrypted or decrypted; the path says where. */
export class ValueError extends Error {
  readonly path: readonly string[]

  constructor(message: string, path: readonly string[], options?: ErrorOptions) {
    super(message, options)
    this.path = path
  }
}

/** Deeper than any file that people write; a file beyond it is refused before the stack overflows. */
export const maxDepth = 500

type Replace = (visit: Visit) => Leaf | Comment

/**
 * A copy of the branches with each leaf and comment replaced, depth first and in document order, branch after branch:
 * the order in which sops walks, so that one hash over all visits is the MAC.
 */
export function mapLeaves(branches: MapNode[], selects: Selects, replace: Replace): MapNode[] {
  return branches.map((branch) => mapMap(branch, { path: [], comments: [], selects, replace }))
}

interface Walk {
  path: string[]
  comments: string[][]
  selects: Selects
  replace: Replace
}

function mapMap(node: MapNode, walk: Walk): MapNode {
  const level: string[] = []
  const inner = { ...walk, comments: [...walk.comments, level] }
  const items = node.items.map((item): Entry | Comment => {
    if (item.type === 'comment') return mapped(item, inner, level) as Comment
    const value = mapNode(item.value, { ...inner, path: [...walk.path, item.key] })
    level.length = 0
    // The type of a ciphertext is not authenticated: whoever changes it must not make a value disappear.
    if (value.type === 'comment')
      throw new ValueError('a value was encrypted as a comment', [...walk.path, item.key])
    return { ...item, value }
  })
  return { ...node, items }
}

function mapList(node: ListNode, walk: Walk): ListNode {
  const level: string[] = []
  const inner = { ...walk, comments: [...walk.comments, level] }
  const items = node.items.map((item) => {
    if (item.type === 'comment') return mapped(item, inner, level)
    const value = mapNode(item, inner)
    level.length = 0
    return value
  })
  return { ...node, items }
}

function mapNode(node: Node, walk: Walk): Node | Comment {
  if (walk.comments.length > maxDepth)
    throw new ValueError(`the file is nested more than ${maxDepth} levels deep`, walk.path.slice(0, 3))
  if (node.type === 'map') return mapMap(node, walk)
  if (node.type === 'list') return mapList(node, walk)
  if (node.value === null) return node
  return walk.replace({ item: node, path: walk.path, encrypted: encrypted(walk, false) })
}

// Comments before a value apply to it and to all below it, and to later comments before it.
function mapped(item: Comment, walk: Walk, level: string[]): Leaf | Comment {
  level.push(item.text)
  return walk.replace({ item, path: walk.path, encrypted: encrypted(walk, true) })
}

function encrypted({ selects, path, comments }: Walk, isComment: boolean): boolean {
  return selects({ path, comments, isComment })
}
