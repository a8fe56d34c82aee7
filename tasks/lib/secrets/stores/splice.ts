import type { Place } from '../tree/tree.ts'

/** A piece of text that takes the place of another. */
export interface Edit extends Place {
  text: string
}

/** A text with pieces of it replaced; places are offsets in the old text and do not overlap. */
export function splice(text: string, edits: Edit[]): string {
  const pieces: string[] = []
  let done = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    pieces.push(text.slice(done, edit.start), edit.text)
    done = edit.end
  }
  return pieces.join('') + text.slice(done)
}
