import type { Node } from '../tree/tree.ts'

/** Three states of one thing: what both sides started from, and what each has made of it. */
export interface ThreeWays<T> {
  base: T
  ours: T
  theirs: T
}

/** A value that both sides changed, each in its own way. */
export interface Conflict {
  /** As it is printed and typed: stringData.password, ports[1]; "2:" before it for the second YAML document. */
  path: string
}

export type Side = 'ours' | 'theirs'

/** What to do where both sides changed the same, and who is told of it. */
export interface Deciding {
  /** The side that was chosen for a path; undefined: nobody has chosen, the file gets ours, and it is a conflict. */
  choice(path: string): Side | undefined
  conflicts: Conflict[]
  /** Of each node that was merged out of two, what it was on either side; all others are those of one side. */
  origins: Map<Node, { ours: Node; theirs: Node }>
}

/** The side that changed something; `both` where they differ from the base and from each other. */
export function changedSide<T>(
  { base, ours, theirs }: ThreeWays<T>,
  same: (a: T, b: T) => boolean = Object.is,
): Side | 'both' {
  if (same(ours, theirs) || same(base, theirs)) return 'ours'
  return same(base, ours) ? 'theirs' : 'both'
}

/** The side to take where both changed the same. */
export function decide(path: string, { choice, conflicts }: Deciding): Side {
  const chosen = choice(path)
  if (chosen === undefined) conflicts.push({ path })
  return chosen ?? 'ours'
}
