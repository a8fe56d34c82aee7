import type { Place } from '../../tree/tree.ts'

/** Goes through the lines of a text, each with its line end. */
export class Lines {
  readonly text: string
  /** The 1-based number of the line that was given last. */
  number = 0
  #at: number

  constructor(text: string) {
    this.text = text
    this.#at = text.startsWith('\ufeff') ? 1 : 0
  }

  next(): Place | undefined {
    const start = this.#at
    if (start >= this.text.length) return undefined
    const end = this.text.indexOf('\n', start)
    this.#at = end === -1 ? this.text.length : end + 1
    this.number++
    return { start, end: this.#at }
  }
}

// What Go's unicode.IsSpace takes for white space.
const space = /[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** A part of a text without white space around it. */
export function trimmed(text: string, { start, end }: Place): Place {
  let [from, to] = [start, end]
  while (from < to && space.test(text[from]!)) from++
  while (to > from && space.test(text[to - 1]!)) to--
  return { start: from, end: to }
}

/** A text without white space around it, as Go takes it. */
export function trim(text: string): string {
  const { start, end } = trimmed(text, { start: 0, end: text.length })
  return text.slice(start, end)
}
