/**
 * The candidate that was most likely meant: the nearest by typing errors, else the only one that the word begins.
 * Upper case, "_" and "-" make no difference. Undefined when nothing is near enough to be worth saying.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const typed = fold(word)
  const all = [...candidates]
  let nearest: string | undefined
  let fewest = typingErrorsAllowed(typed) + 1
  for (const candidate of all) {
    const errors = editDistance(typed, fold(candidate), fewest)
    if (errors < fewest) [nearest, fewest] = [candidate, errors]
  }
  return nearest ?? onlyCompletion(typed, all)
}

/** The question as a hint, "did you mean NAME?", or undefined when nothing is near. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const meant = suggest(word, candidates)
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

/**
 * Damerau-Levenshtein distance (insert, delete, replace, swap of neighbours; optimal string alignment).
 * Gives `limit` as soon as the distance cannot be below it.
 */
export function editDistance(from: string, to: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(from.length - to.length) >= limit) return limit
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1))
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) cost = Math.min(cost, beforeLast[column - 2]! + 1)
      current.push(cost)
    }
    if (Math.min(...current) > limit) return limit
    ;[beforeLast, last] = [last, current]
  }
  return Math.min(last[to.length]!, limit)
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll('_', '-')
}

// A third of the word: "b" is not "d", but "isntal" is "install".
function typingErrorsAllowed(word: string): number {
  return Math.min(3, Math.floor((word.length + 1) / 3))
}

function onlyCompletion(typed: string, candidates: string[]): string | undefined {
  if (typed.length < 2) return undefined
  const completions = candidates.filter((candidate) => fold(candidate).startsWith(typed))
  return completions.length === 1 ? completions[0] : undefined
}
