/**
 * Lets so many requests be in flight and adapts: more after each round that went well, half after an overload. Until the
 * first overload it doubles each round, as TCP's slow start does; after that it adds one.
 */
export interface Limiter {
  /** Waits for a place; throws the signal's reason when aborted before. */
  acquire(signal?: AbortSignal): Promise<void>
  /** Gives the place back; `overloaded` when the server said that it was too much. */
  release(outcome: 'answered' | 'overloaded' | 'unanswered'): void
  readonly limit: number
}

interface LimiterOptions {
  min?: number
  max?: number
  start?: number
  /** Overloads within this time count as one: they are answers to the same burst. */
  roundMs?: number
  now?: () => number
}

/** A limiter between `min` and `max` in flight (additive increase, multiplicative decrease). */
export function createLimiter(options: LimiterOptions = {}): Limiter {
  const { min = 8, max = 96, start = 32, roundMs = 500, now = Date.now } = options
  const waiting = new Set<() => void>()
  let limit = start
  let inFlight = 0
  let decreasedAt = Number.NEGATIVE_INFINITY

  function admit(): void {
    for (const start of waiting) {
      if (inFlight >= Math.floor(limit)) return
      waiting.delete(start)
      inFlight++
      start()
    }
  }

  return {
    get limit() {
      return Math.floor(limit)
    },
    acquire(signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const cancel = () => {
          waiting.delete(start)
          reject(signal?.reason)
        }
        const start = () => {
          signal?.removeEventListener('abort', cancel)
          resolve()
        }
        signal?.addEventListener('abort', cancel, { once: true })
        waiting.add(start)
        admit()
      })
    },
    release(outcome) {
      const isFull = waiting.size > 0 || inFlight >= Math.floor(limit)
      inFlight--
      const isUntried = decreasedAt === Number.NEGATIVE_INFINITY
      if (outcome === 'answered' && isFull) limit = Math.min(max, limit + (isUntried ? 1 : 1 / limit))
      if (outcome === 'overloaded' && now() - decreasedAt >= roundMs) {
        limit = Math.max(min, limit / 2)
        decreasedAt = now()
      }
      admit()
    },
  }
}
