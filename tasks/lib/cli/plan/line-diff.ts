/** One line of a difference: kept, taken away, or added. */
export interface DiffLine {
  mark: ' ' | '-' | '+'
  text: string
}

/** Beyond this many differences a region counts as replaced: finding the shortest way takes their square in memory. */
const mostDifferences = 1000

/** The shortest way from one text to another, line by line (Myers, "An O(ND) Difference Algorithm", 1986). */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  let head = 0
  while (head < Math.min(before.length, after.length) && before[head] === after[head]) head++
  let tail = 0
  const most = Math.min(before.length, after.length) - head
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++
  return [
    ...marked(' ', before.slice(0, head)),
    ...diffMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...marked(' ', before.slice(before.length - tail)),
  ]
}

/** Where a difference skips lines that are the same. */
export const gap = '…' as const

/** A difference with three lines around each change; what lies between is one "…". */
export function withContext(lines: DiffLine[], context = 3): (DiffLine | typeof gap)[] {
  const near = new Set<number>()
  lines.forEach((line, index) => {
    if (line.mark === ' ') return
    for (let at = index - context; at <= index + context; at++) near.add(at)
  })
  return lines.flatMap((line, index): (DiffLine | typeof gap)[] => {
    if (near.has(index)) return [line]
    return index === 0 || near.has(index - 1) ? [gap] : []
  })
}

function marked(mark: DiffLine['mark'], texts: readonly string[]): DiffLine[] {
  return texts.map((text) => ({ mark, text }))
}

function diffMiddle(before: readonly string[], after: readonly string[]): DiffLine[] {
  const trace = before.length === 0 || after.length === 0 ? undefined : shortestEdit(before, after)
  if (!trace) return [...marked('-', before), ...marked('+', after)]
  return walkBack(trace, { before, after })
}

// For each number of edits, how far down `before` each diagonal (line of before - line of after) can be followed.
function shortestEdit(
  before: readonly string[],
  after: readonly string[],
): Map<number, number>[] | undefined {
  const trace: Map<number, number>[] = []
  let reached = new Map<number, number>([[1, 0]])
  for (let edits = 0; edits <= Math.min(before.length + after.length, mostDifferences); edits++) {
    const next = new Map<number, number>()
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let line = firstLine(reached, { diagonal, edits })
      while (
        line < before.length &&
        line - diagonal < after.length &&
        before[line] === after[line - diagonal]
      )
        line++
      next.set(diagonal, line)
      if (line >= before.length && line - diagonal >= after.length) return [...trace, next]
    }
    trace.push(next)
    reached = next
  }
  return undefined
}

// Down (a line of `after` added) or right (a line of `before` taken away), whichever comes from further on.
function firstLine(
  reached: Map<number, number>,
  { diagonal, edits }: { diagonal: number; edits: number },
): number {
  return isAddition(reached, { diagonal, edits })
    ? reached.get(diagonal + 1)!
    : reached.get(diagonal - 1)! + 1
}

function isAddition(
  reached: Map<number, number>,
  { diagonal, edits }: { diagonal: number; edits: number },
): boolean {
  if (diagonal === -edits) return true
  return diagonal !== edits && reached.get(diagonal - 1)! < reached.get(diagonal + 1)!
}

function walkBack(
  trace: Map<number, number>[],
  { before, after }: { before: readonly string[]; after: readonly string[] },
): DiffLine[] {
  const lines: DiffLine[] = []
  let [line, other] = [before.length, after.length]
  for (let edits = trace.length - 1; edits > 0; edits--) {
    const reached = trace[edits - 1]!
    const diagonal = line - other
    const added = isAddition(reached, { diagonal, edits })
    const start = added ? reached.get(diagonal + 1)! : reached.get(diagonal - 1)! + 1
    while (line > start) lines.push({ mark: ' ', text: before[--line]! })
    other = line - diagonal
    if (added) lines.push({ mark: '+', text: after[--other]! })
    else lines.push({ mark: '-', text: before[--line]! })
  }
  while (line > 0) lines.push({ mark: ' ', text: before[--line]! })
  return lines.reverse()
}
