/** Runs work when its turn comes, so many at once, in order of arrival. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>

/** Turns for so many at once. */
export function takeTurns(limit: number): Turns {
  const waiting: (() => void)[] = []
  let free = Math.max(1, limit)
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((start) => waiting.push(start))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
