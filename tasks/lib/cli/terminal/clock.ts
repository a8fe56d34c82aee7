/** Milliseconds since 1970. */
export type Clock = () => number

/** The system's time, which never runs backwards while the process lives. */
export const systemClock: Clock = () => performance.timeOrigin + performance.now()

/** Seconds since a moment of the clock, to the millisecond. */
export function secondsSince(started: number, now: Clock): number {
  return Math.round(now() - started) / 1000
}

/** "0.4s", "12s", "3m05s", "1h02m": as exact as a reader needs. */
export function durationText(seconds: number): string {
  const safe = Math.max(0, seconds)
  if (safe < 9.95) return `${safe.toFixed(1)}s`
  const whole = Math.round(safe)
  if (whole < 60) return `${whole}s`
  if (whole < 3600) return `${Math.floor(whole / 60)}m${pad(whole % 60)}s`
  return `${Math.floor(whole / 3600)}h${pad(Math.floor((whole % 3600) / 60))}m`
}

function pad(part: number): string {
  return String(part).padStart(2, '0')
}
