import { type Finding, placeText } from '../cli/errors.ts'

/** What one look at one thing gave. */
export interface Result {
  /** What was looked at: "git", "kube-apiserver 1.36.3", ".env:3". */
  name: string
  /** missing: something does not work without it. */
  state: 'good' | 'warning' | 'missing'
  /** What is there, or what is wrong. */
  detail: string
  /** The next thing to type. */
  hint?: string
}

/** Results about one subject: the machine, the sandbox, the project, the cluster. */
export interface Section {
  title: string
  results: Result[]
}

/** Findings of another room, as results; `name` stands where a finding has no place. */
export function resultsOf(findings: Finding[], name: string): Result[] {
  return findings
    .filter(({ severity }) => severity !== 'note')
    .map(({ severity, message, hint, ...place }) => ({
      name: placeText(place) || name,
      state: severity === 'error' ? ('missing' as const) : ('warning' as const),
      detail: message,
      ...(hint && { hint }),
    }))
}
