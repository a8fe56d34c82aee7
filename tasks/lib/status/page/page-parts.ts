import { type Html, html } from './html.ts'

/** One part of a bar; its class gives the colour. */
export interface BarPart {
  value: number
  class: string
}

/** A bar of parts out of a whole, with its meaning as text for those who do not see it. */
export function bar(parts: BarPart[], { total, label }: { total: number; label: string }): Html {
  let from = 0
  const rects = parts
    .filter(({ value }) => value > 0 && total > 0)
    .map((part) => {
      // Thin but never invisible: one of a thousand is there too.
      const width = Math.min(Math.max((part.value / total) * 100, 0.8), 100 - from)
      const rect = html`<rect class="${part.class}" x="${from.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="8"/>`
      from += width
      return rect
    })
  return html`<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="${label}">${rects}</svg>`
}

/** A state in a word on its colour. */
export function badge(word: string, look: 'good' | 'simulated' | 'warn' | 'bad' | 'plain'): Html {
  return html`<span class="badge ${look}">${word}</span>`
}

/** The look of a state. */
export function lookOf({ state, simulated }: { state: string; simulated: boolean }) {
  if (state === 'ready') return simulated ? 'simulated' : 'good'
  return state === 'progressing' || state === 'terminating' ? 'warn' : 'bad'
}
