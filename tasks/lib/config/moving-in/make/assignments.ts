import type { Finding, Place } from '../../../cli/errors.ts'

/** One line of a Makefile that gives a variable a value, as it is written. */
export interface Assignment {
  name: string
  operator: '=' | ':=' | '?=' | '+='
  text: string
  place: Place
  /** Seen by envsubst, and so by manifests. */
  exported: boolean
  /** Inside ifeq and the like: it may count or not. */
  conditional: boolean
}

/** Gives the text of an included file; undefined where there is none. */
export type Include = (name: string) => string | undefined

/** The assignments of a Makefile and of what it includes, in the order in which make reads them. */
export function readAssignments(
  text: string,
  { file, include, findings }: { file: string; include: Include; findings: Finding[] },
): Assignment[] {
  const assignments: Assignment[] = []
  let conditions = 0
  for (const { line, number } of logicalLines(text)) {
    const place = { file, line: number }
    if (/^\s*if(n?eq|n?def)\b/.test(line)) conditions++
    else if (/^\s*endif\b/.test(line)) conditions = Math.max(0, conditions - 1)
    const included = /^\s*(-|s)?include\s+(.+)$/.exec(line)
    if (included) {
      for (const name of included[2]!.split(/\s+/)) {
        assignments.push(
          ...readIncluded(name, { place, include, findings, isOptional: Boolean(included[1]) }),
        )
      }
    }
    const assignment = readAssignment(line, { place, conditional: conditions > 0 })
    if (assignment) assignments.push(assignment)
  }
  return assignments
}

function readIncluded(
  name: string,
  at: { place: Place; include: Include; findings: Finding[]; isOptional: boolean },
): Assignment[] {
  const text = name.includes('$') ? undefined : at.include(name)
  if (text !== undefined) {
    return readAssignments(text, { file: `k8s/${name}`, include: at.include, findings: at.findings })
  }
  if (at.isOptional) return []
  const message = `the Makefile includes ${name}, which is not there: what it says is missing`
  at.findings.push({
    severity: 'warning',
    ...at.place,
    message,
    hint: `restore ${name}, or write its values into .env`,
  })
  return []
}

function readAssignment(line: string, at: { place: Place; conditional: boolean }): Assignment | undefined {
  const match = /^ *((?:(?:export|override) +)*)([A-Za-z_][A-Za-z0-9_.]*) *(\?=|\+=|:{0,3}=)[ \t]*(.*)$/.exec(
    line,
  )
  if (!match) return undefined
  const [, words, name, written, rest] = match
  const operator = written!.startsWith(':') ? ':=' : (written as Assignment['operator'])
  const text = rest!
    .replace(/(^|[^\\])#.*$/, '$1')
    .replaceAll('\\#', '#')
    .trim()
  return { ...at, name: name!, operator, text, exported: words!.includes('export') }
}

// A backslash at the end carries on; a line that begins with a tab is a shell's.
function logicalLines(text: string): { line: string; number: number }[] {
  const lines: { line: string; number: number }[] = []
  let carriesOn = false
  for (const [index, written] of text.split(/\r?\n/).entries()) {
    const last = lines.at(-1)
    if (carriesOn && last) last.line = `${last.line.replace(/\s*\\$/, '')} ${written.trim()}`
    else lines.push({ line: written, number: index + 1 })
    carriesOn = /\\$/.test(written)
  }
  return lines.filter(({ line }) => !line.startsWith('\t') && !/^\s*(#|$)/.test(line))
}
