import type { ThreeWays } from './three-ways.ts'

/** A run of a sequence that all three have, or one that at least one side has changed. */
export interface Chunk<T> extends ThreeWays<T[]> {
  stable: boolean
}

/** Cuts three states of a sequence into runs that are the same in all of them and runs that are not. */
export function diff3<T>({ base, ours, theirs }: ThreeWays<T[]>, nameOf: (item: T) => string): Chunk<T>[] {
  const inOurs = matches(base.map(nameOf), ours.map(nameOf))
  const inTheirs = matches(base.map(nameOf), theirs.map(nameOf))
  const chunks: Chunk<T>[] = []
  const from = { base: 0, ours: 0, theirs: 0 }
  const cut = (to: typeof from, stable: boolean) => {
    const chunk = {
      stable,
      base: base.slice(from.base, to.base),
      ours: ours.slice(from.ours, to.ours),
      theirs: theirs.slice(from.theirs, to.theirs),
    }
    if (chunk.base.length + chunk.ours.length + chunk.theirs.length > 0) chunks.push(chunk)
    Object.assign(from, to)
  }
  for (let at = 0; at < base.length; at++) {
    const [our, their] = [inOurs.get(at), inTheirs.get(at)]
    if (our === undefined || their === undefined) continue
    cut({ base: at, ours: our, theirs: their }, false)
    cut({ base: at + 1, ours: our + 1, theirs: their + 1 }, true)
  }
  cut({ base: base.length, ours: ours.length, theirs: theirs.length }, false)
  return chunks
}

/** Beyond it two sequences are compared by their common start alone: the table would not fit into memory. */
const maxCells = 4_000_000

// The longest common subsequence: which index of the first is which of the second.
function matches(first: string[], second: string[]): Map<number, number> {
  const found = new Map<number, number>()
  let start = 0
  for (; start < first.length && first[start] === second[start]; start++) found.set(start, start)
  const rest = { first: first.slice(start), second: second.slice(start) }
  if (rest.first.length * rest.second.length > maxCells) return found
  for (const [i, j] of longestCommon(rest)) found.set(start + i, start + j)
  return found
}

function longestCommon({ first, second }: { first: string[]; second: string[] }): [number, number][] {
  const lengths = Array.from({ length: first.length + 1 }, () => new Uint32Array(second.length + 1))
  for (let i = first.length - 1; i >= 0; i--) {
    for (let j = second.length - 1; j >= 0; j--) {
      const [below, beside] = [lengths[i + 1]![j]!, lengths[i]![j + 1]!]
      lengths[i]![j] = first[i] === second[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(below, beside)
    }
  }
  const pairs: [number, number][] = []
  for (let i = 0, j = 0; i < first.length && j < second.length; ) {
    if (first[i] === second[j]) pairs.push([i++, j++])
    else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) i++
    else j++
  }
  return pairs
}
