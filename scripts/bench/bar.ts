/** What is measured, in seconds unless its name says otherwise, each the median of its runs. */
export interface Row {
  name: string
  /** As it is printed: "1.42 s", "8.1 µs". */
  value: string
  /** The fastest and the slowest run. */
  range?: string
  runs: number
  note?: string
}

/** What is promised, and what came of it. */
export interface Bar {
  name: string
  /** "at least 3×", "below 60 µs". */
  wanted: string
  reached: string
  met: boolean
}

/** One chapter of the benchmark: how it was measured, the figures, the bars. */
export interface Result {
  title: string
  /** What exactly is compared, in sentences. */
  method: string
  rows: Row[]
  bars: Bar[]
}

/** How many times faster: the other's median through ours. */
export function timesFaster(name: string, { ours, theirs, least }: Comparison): Bar {
  const ratio = median(theirs) / median(ours)
  return {
    name,
    wanted: `at least ${least}×`,
    reached: `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`,
    met: ratio >= least,
  }
}

export interface Comparison {
  /** The seconds of each run. */
  ours: number[]
  theirs: number[]
  least: number
}

/** A figure that has to stay below a limit. */
export function below(
  name: string,
  { value, limit, text }: { value: number; limit: number; text(value: number): string },
): Bar {
  return { name, wanted: `below ${text(limit)}`, reached: text(value), met: value < limit }
}

/** The row of some runs. */
export function rowOf(name: string, seconds: number[]): Row {
  const range = `${secondsText(Math.min(...seconds))} – ${secondsText(Math.max(...seconds))}`
  return { name, value: secondsText(median(seconds)), range, runs: seconds.length }
}

/** The middle of the values, or of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** "1.42 s", "36.1 s", "41 ms", "8.1 µs". */
export function secondsText(seconds: number): string {
  if (seconds >= 10) return `${seconds.toFixed(1)} s`
  if (seconds >= 1) return `${seconds.toFixed(2)} s`
  return seconds >= 1e-3 ? `${(seconds * 1e3).toFixed(seconds >= 0.1 ? 0 : 1)} ms` : microsecondsText(seconds)
}

/** "8.1 µs" */
export function microsecondsText(seconds: number): string {
  return `${(seconds * 1e6).toFixed(1)} µs`
}
