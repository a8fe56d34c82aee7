import type { Finding } from '../../cli/errors.ts'
import { stringifyJson } from '../json.ts'
import { type ManifestObject, objectTitle } from '../object.ts'
import { Field, type ProblemOptions, type Report } from './field.ts'

/** The object as a Field whose problems become findings: titled, placed, with the variable that gave the value. */
export function reportingField(manifest: ManifestObject, findings: Finding[]): Field {
  const errors = new Set<string>()
  const report: Report = {
    add(severity, field, problem) {
      const { path } = field
      // One error for one place: the first says it in the simplest words.
      if (severity === 'error' && errors.has(path)) return
      if (severity === 'error') errors.add(path)
      findings.push(finding(severity, { manifest, field, path, problem }))
    },
  }
  return new Field(manifest.object, { report })
}

interface Located {
  manifest: ManifestObject
  field: Field
  path: string
  problem: ProblemOptions & { message: string }
}

function finding(severity: Finding['severity'], located: Located): Finding {
  const { manifest, path, problem } = located
  const place = path ? manifest.placeOf(path) : manifest.source
  const where = path ? `${path}: ` : ''
  const names = variablesAt(manifest, path)
  const value = problem.got ? `, ${gotText(located, names)}` : ''
  const message = `${titleOf(manifest)}: ${where}${problem.message}${value}`
  const { file, line, column } = place
  return { severity, message, hint: hintText(problem, names), file, line, column }
}

function variablesAt({ variables }: ManifestObject, path: string): string[] {
  return [...new Set(variables.filter((use) => use.path === path).map((use) => use.name))]
}

function hintText({ hint, got, quote }: ProblemOptions, names: string[]): string | undefined {
  if (quote) return names.length === 1 ? `put it in quotes: "$${names[0]}"` : 'put it in quotes'
  if (!got || names.length === 0) return hint
  return hint ? `${hint} (the value of ${names.join(' and ')})` : `change the value of ${names.join(' and ')}`
}

function titleOf({ object }: ManifestObject): string {
  const metadata = typeof object.metadata?.name === 'string' ? object.metadata : { name: '(no name)' }
  return objectTitle({ kind: String(object.kind ?? 'object'), metadata })
}

/** 'got "three"' or '$REPLICAS gave "three"'; a Secret's values are never shown. */
function gotText({ manifest, field, path }: Located, names: string[]): string {
  const giver = names.length > 0 ? `${names.map((name) => `$${name}`).join(' and ')} gave` : 'got'
  const hidden = manifest.object.kind === 'Secret' && /^(data|stringData)\b/.test(path)
  return `${giver} ${hidden ? typeText(field.value) : valueText(field.value)}`
}

function typeText(value: unknown): string {
  return `a ${typeof value === 'bigint' ? 'number' : typeof value}`
}

function valueText(value: unknown): string {
  if (value === undefined || value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  const text = stringifyJson(value)
  return text.length > 80 ? `${text.slice(0, 76)}…"` : text
}
