import { type Finding, UsageError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { Conflict, Deciding } from './three-ways.ts'

/** Which sides were chosen, by the paths of conflicts; `all` stands for every one. */
export interface Choices {
  ours: string[]
  theirs: string[]
}

/** What a person reads who has to decide, perhaps at night. Names keys, never values. */
export function conflictFinding(path: string, conflicts: Conflict[]): Finding {
  const keys = conflicts.map((conflict) => conflict.path)
  const message = `both sides changed ${keys.join(', ')}: the file has ours for now, and all else merged`
  const theirs = keys.map((key) => `--theirs ${quote(key)}`).join(' ')
  const file = quote(path)
  const hint = `keep ours: git add ${file}; take theirs: tasks secrets:merge ${file} ${theirs}; see both: git diff ${file}`
  return { severity: 'error', message, file: path, hint }
}

/** How choices answer conflicts. */
export function choiceOf({ ours, theirs }: Choices): Deciding['choice'] {
  return (path) => {
    if (theirs.includes(path)) return 'theirs'
    if (ours.includes(path)) return 'ours'
    if (theirs.includes('all')) return 'theirs'
    return ours.includes('all') ? 'ours' : undefined
  }
}

/** Throws a UsageError for a choice that answers no conflict, or is made twice. */
export function expectChoices({ ours, theirs }: Choices, asked: Set<string>): void {
  const twice = ours.find((path) => theirs.includes(path))
  if (twice) throw new UsageError(`${twice} is chosen from both sides`, { hint: 'name it once' })
  const wrong = [...ours, ...theirs].find((path) => path !== 'all' && !asked.has(path))
  if (!wrong) return
  const hint =
    didYouMean(wrong, asked) ?? (asked.size > 0 ? `in conflict: ${[...asked].join(', ')}` : 'nothing is')
  throw new UsageError(`${wrong} is not in conflict`, { hint })
}
