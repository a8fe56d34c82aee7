import { isEncrypted } from '../../tree/cipher.ts'
import type { Comment, Leaf } from '../../tree/tree.ts'
import { commentsOf } from '../same-content.ts'
import type { Document, State } from '../store.ts'
import { withItemsAsComments } from './list-comments.ts'

/**
 * Where the comments of a clear text start that are to be items of lists again, as they were in an older encrypted state
 * of it: sops writes the comments of lists so. A comment is known by its order, or else by its ciphertext.
 */
export function commentItems(
  { branches }: Document,
  changed: State,
  { like }: { like?: Document },
): ReadonlySet<number> {
  const were = like && withItemsAsComments(like.branches)
  if (!were) return new Set()
  const old = inOrder(commentsOf(were))
  const isItem = (comment: Comment) => like.text[comment.place!.start] !== '#'
  if (!old.some(isItem)) return new Set()
  const sealed = commentsOf(withItemsAsComments(changed.branches))
  const own = commentsOf(branches)
  const texts = new Map(own.map((comment, index) => [comment, sealed[index]?.text ?? '']))
  const items = new Set(old.filter(isItem).map(({ text }) => text))
  const found = inOrder(own).filter((comment, index, { length }) =>
    length === old.length ? isItem(old[index]!) : items.has(texts.get(comment)!),
  )
  return new Set(found.filter((comment) => isEncrypted(texts.get(comment)!)).map(({ place }) => place!.start))
}

function inOrder(comments: Comment[]): (Comment & Required<Pick<Leaf, 'place'>>)[] {
  const placed = comments.filter(
    (comment): comment is Comment & Required<Pick<Leaf, 'place'>> => !!comment.place,
  )
  return placed.sort((a, b) => a.place.start - b.place.start)
}
