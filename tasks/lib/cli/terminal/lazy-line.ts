import type { Output } from '../output.ts'

export interface LazyLine {
  say(text: string): void
  end(text: string): Promise<void>
  fail(): Promise<void>
}

/** A live line that appears with the first word: what holds at once needs none. */
export function lazyLine(output: Output): LazyLine {
  let current: ((text: string) => void) | undefined
  let settle = { resolve: () => {}, reject: (_: Error) => {} }
  let shown: Promise<void> = Promise.resolve()
  const start = (text: string) => {
    const end = new Promise<void>((resolve, reject) => {
      settle = { resolve, reject }
    })
    shown = output.live(text, (say) => {
      current = say
      say(text)
      return end
    })
  }
  return {
    say: (text: string) => (current ? current(text) : start(text)),
    async end(text: string) {
      current?.(text)
      settle.resolve()
      await shown
    },
    async fail() {
      settle.reject(new Error('failed'))
      await shown.catch(() => {})
    },
  }
}
