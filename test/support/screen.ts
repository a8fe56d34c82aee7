import type { Sink } from '../../tasks/lib/cli/terminal/live.ts'

/** A stream that keeps what was written to it. */
export interface Screen extends Sink {
  text(): string
}

/** A pipe, or with columns a terminal of that width. */
export function screen(size?: { columns: number; rows?: number }): Screen {
  let all = ''
  return {
    isTTY: size !== undefined,
    columns: size?.columns,
    rows: size?.rows ?? 24,
    write: (text) => {
      all += text
    },
    text: () => all,
  }
}

/** A clock that moves only when it is told to, in milliseconds. */
export function handClock(start = 0): { now: () => number; forward(milliseconds: number): void } {
  let time = start
  return {
    now: () => time,
    forward: (milliseconds) => {
      time += milliseconds
    },
  }
}
