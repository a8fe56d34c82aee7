/** From where to where a text holds a secret. */
export type Span = [start: number, end: number]

/** All forms of the secrets, so that one pass over a text finds them however many there are. */
export interface SecretIndex {
  add(form: string): void
  /** Where the text holds any of them, in order; they may overlap. */
  find(text: string): Span[]
}

/** Every form has at least this many characters. */
const startLength = 4

/** An index that knows these forms. */
export function secretIndex(forms: Iterable<string> = []): SecretIndex {
  const byStart = new Map<string, Set<string>>()
  // Says "none starts here" for nearly every position without looking into the map.
  const starts = new Uint8Array(1 << 16)
  const add = (form: string) => {
    const start = form.slice(0, startLength)
    byStart.set(start, (byStart.get(start) ?? new Set()).add(form))
    starts[hash(form, 0)] = 1
  }
  for (const form of forms) add(form)
  const find = (text: string) => {
    const spans: Span[] = []
    if (byStart.size === 0) return spans
    for (let at = 0; at <= text.length - startLength; at++) {
      if (starts[hash(text, at)] === 0) continue
      for (const form of byStart.get(text.slice(at, at + startLength)) ?? []) {
        if (text.startsWith(form, at)) spans.push([at, at + form.length])
      }
    }
    return spans
  }
  return { add, find }
}

function hash(text: string, at: number): number {
  const first = text.charCodeAt(at) ^ (text.charCodeAt(at + 1) << 5)
  return (first ^ (text.charCodeAt(at + 2) << 9) ^ (text.charCodeAt(at + 3) << 3)) & 0xffff
}
