import type { Comment, Place } from '../../tree/tree.ts'
import type { Edit } from '../splice.ts'
import { columnOf, type Source } from './rewrite-places.ts'

interface At {
  place: Place
  source: Source
}

/** A comment in the place of another; where it was an item of a list, it is one again. */
export function commentEdit({ text }: Comment, { place, source }: At): Edit | undefined {
  if (/[\n\r\x85\u2028\u2029]/.test(text)) return undefined
  const isItem = source.commentItems.has(place.start) && startsLine(place.start, source)
  return { ...place, text: isItem ? `- ${text}` : `#${text}` }
}

/** A comment in the place of the item of a list that was its ciphertext; undefined where it shares its line. */
export function uncoveredComment({ text }: Comment, { place, source }: At): Edit | undefined {
  const dash = source.surroundings.get(place.start)?.dash
  if (dash === undefined || !startsLine(dash, source) || /[\n\r\x85\u2028\u2029]/.test(text)) return undefined
  return { start: dash, end: place.end, text: `#${text}` }
}

function startsLine(offset: number, { text }: Source): boolean {
  return text.slice(offset - columnOf(text, offset), offset).trim() === ''
}
