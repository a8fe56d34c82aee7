import { type Finding, placeText } from '../../cli/errors.ts'

/** What one look at one thing gave: a line of the doctor's table. */
export interface Check {
  /** What was looked at: a file, a key's place, "gpg". */
  name: string
  /** missing: something does not work without it. */
  state: 'good' | 'warning' | 'missing'
  /** What is there, or what is wrong. */
  detail: string
  /** The next thing to type. */
  hint?: string
}

/** Checks about one subject. */
export interface Section {
  title: string
  results: Check[]
}

export function good(name: string, detail: string): Check {
  return { name, state: 'good', detail }
}

export function warning(name: string, detail: string, hint?: string): Check {
  return { name, state: 'warning', detail, ...(hint && { hint }) }
}

export function missing(name: string, detail: string, hint?: string): Check {
  return { name, state: 'missing', detail, ...(hint && { hint }) }
}

/** Findings as checks; `name` stands where a finding has no place. Notes are left out unless asked for. */
export function checksOf(findings: Finding[], { name, notes }: { name: string; notes?: boolean }): Check[] {
  return findings
    .filter(({ severity }) => notes || severity !== 'note')
    .map(({ severity, message, hint, ...place }) => {
      const make = severity === 'error' ? missing : severity === 'warning' ? warning : good
      return { ...make(placeText(place) || name, message), ...(hint && { hint }) }
    })
}
