import type { Finding } from '../../cli/errors.ts'
import { type ManifestObject, objectTitle } from '../object.ts'
import type { Known } from './kinds.ts'
import { knownMinors, minorOf } from './schema.ts'

/** What is true of many objects, said once for each kind and each file. */
export function summarize(known: Known): Finding[] {
  return [...versionNotes(known), ...kindNotes(known), ...namespaceNotes(known)]
}

/** The last line of a check: "12 objects in 3 files: no errors, 1 warning". */
export function verdict(findings: Finding[], { objects, files }: { objects: number; files: number }): string {
  const count = (severity: Finding['severity']) =>
    findings.filter((found) => found.severity === severity).length
  const [errors, warnings] = [count('error'), count('warning')]
  const results = [errors > 0 ? numbered(errors, 'error') : 'no errors']
  if (warnings > 0) results.push(numbered(warnings, 'warning'))
  return `${numbered(objects, 'object')} in ${numbered(files, 'file')}: ${results.join(', ')}`
}

/** Findings in the order of the files, then of the lines. */
export function sortFindings(findings: Finding[], objects: ManifestObject[]): Finding[] {
  const order = new Map<string, number>()
  for (const { source } of objects) if (!order.has(source.file)) order.set(source.file, order.size)
  const rank = ({ file }: Finding) => order.get(file ?? '') ?? order.size
  return findings.sort(
    (a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  )
}

function versionNotes({ kubernetesVersion, schemas }: Known): Finding[] {
  if (minorOf(kubernetesVersion) === schemas.minor) return []
  const message = `the types of Kubernetes ${minorOf(kubernetesVersion)} are not known here: ${schemas.minor} is checked instead`
  return [{ severity: 'note', message, hint: `known are ${knownMinors.join(', ')}` }]
}

function kindNotes({ unknown }: Known): Finding[] {
  const kinds = groupBy(unknown, ({ object }) => `${object.apiVersion} ${object.kind}`)
  return [...kinds].map(([kind, objects]) => ({
    severity: 'note',
    message: `${kind} is not known here: the API server alone checks ${numbered(objects.length, 'object')}`,
    hint: 'add the file that holds its CustomResourceDefinition',
    ...objects[0]!.source,
  }))
}

function namespaceNotes({ withoutNamespace, namespaceOf }: Known): Finding[] {
  const files = groupBy(withoutNamespace, ({ source }) => source.file)
  return [...files.values()].map((objects) => ({
    severity: 'note',
    message: `${titles(objects)} no namespace: ${namespaceOf(objects[0]!)} is meant`,
    ...objects[0]!.source,
  }))
}

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(item)
    else groups.set(key(item), [item])
  }
  return groups
}

function titles(objects: ManifestObject[]): string {
  const first = objectTitle(objects[0]!.object)
  return objects.length === 1 ? `${first} names` : `${first} and ${objects.length - 1} more name`
}

const numbered = (count: number, noun: string) => `${count} ${noun}${count === 1 ? '' : 's'}`
