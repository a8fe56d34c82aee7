import type { Clock } from './clock.ts'

/** One thing under way: what it says now, until it ends. */
export interface LiveItem {
  say(text: string): void
  end(result: 'done' | 'failed'): void
}

/** Where things under way are shown, and text between them. */
export interface LiveDisplay {
  start(title: string): LiveItem
  /** Writes text that stays, whole lines, above what moves; `elsewhere` writes it to another stream. */
  print(text: string, elsewhere?: (text: string) => void): void
}

/** A stream of a terminal, or what stands in for it. */
export interface Sink {
  write(text: string | Uint8Array): unknown
  isTTY?: boolean
  columns?: number
  rows?: number
}

export interface LiveOptions {
  stream: Sink
  now: Clock
  /** Redacts, and takes out what would move the cursor. */
  clean(text: string): string
}
