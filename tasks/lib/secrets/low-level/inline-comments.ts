import type { Opened } from '../engine.ts'
import type { Comment, MapNode, Node } from '../tree/tree.ts'

/** The clear branches as sops prints them: comments that were encrypted stand above what they stood behind. */
export function withoutInline({ document, clear }: Pick<Opened, 'document' | 'clear'>): MapNode[] {
  return clear.map((branch, index) => above(branch, document.branches[index]) as MapNode)
}

// Both trees have the same shape, whatever a comment of a list is in each.
function above(clear: Node | Comment, sealed: Node | Comment | undefined): Node | Comment {
  if (clear.type === 'comment') return changed(clear, sealed)
  if (clear.type === 'list' && sealed?.type === 'list')
    return { ...clear, items: clear.items.map((item, index) => above(item, sealed.items[index])) }
  if (clear.type !== 'map' || sealed?.type !== 'map') return clear
  const items = clear.items.map((item, index) => {
    const other = sealed.items[index]
    if (item.type === 'comment') return changed(item, other?.type === 'comment' ? other : undefined)
    return { ...item, value: above(item.value, other?.type === 'entry' ? other.value : undefined) as Node }
  })
  return { ...clear, items }
}

function changed(clear: Comment, sealed: Node | Comment | undefined): Comment {
  const wasEncrypted = sealed?.type !== 'comment' || sealed.text !== clear.text
  if (!wasEncrypted) return clear
  const { inline: _, ...comment } = clear
  return comment
}
