import { createHash } from 'node:crypto'

/** Ids below are left to others: container runtimes and kubelets count theirs from 1 and from 2^20. */
const first = 2 ** 30

/**
 * A project id for each path, the same on every run and whatever other paths there are: of the path alone. Two paths
 * that would share one, and so a limit, are told apart in the order of their names.
 */
export function projectIds(paths: readonly string[]): Map<string, number> {
  const ids = new Map<string, number>()
  const taken = new Set<number>()
  for (const path of [...paths].sort()) {
    let id = first + (createHash('sha256').update(path).digest().readUInt32BE(0) % first)
    while (taken.has(id)) id++
    taken.add(id)
    ids.set(path, id)
  }
  return ids
}
