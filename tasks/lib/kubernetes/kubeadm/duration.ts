const seconds = { h: 3600, m: 60, s: 1 }

/** Whole seconds of a duration as Kubernetes writes it: 765 for "12m45s". */
export function durationSeconds(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(h|ms|m|s)/g)]
  const sum = parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * (seconds[unit as 'h'] ?? 0.001),
    0,
  )
  return Math.ceil(sum)
}
