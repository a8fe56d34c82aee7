import type { Finding } from '../cli/errors.ts'
import { groupOf, type Known } from './kinds.ts'
import { type ManifestObject, objectTitle } from './object.ts'

/** What is true of many objects, said once for each kind and each file. */
export function summarize({ unknown, withoutNamespace }: Known): Finding[] {
  const kinds = groupBy(unknown, ({ object }) => `${object.kind} of ${groupOf(object.apiVersion)}`)
  const files = groupBy(withoutNamespace, ({ source }) => source.file)
  return [
    ...[...kinds].map(([kind, objects]) => ({
      severity: 'note' as const,
      message: `${kind} is not known here: ${count(objects)} checked by the API server only`,
      hint: 'validate it together with the file that holds its CustomResourceDefinition',
      ...objects[0]!.source,
    })),
    ...[...files.values()].map((objects) => ({
      severity: 'note' as const,
      message: `${titles(objects)} without a namespace: the namespace is default`,
      ...objects[0]!.source,
    })),
  ]
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

function groupBy<T>(items: T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item])
  return groups
}

const count = (objects: unknown[]) => (objects.length === 1 ? '1 object is' : `${objects.length} objects are`)

function titles(objects: ManifestObject[]): string {
  const first = objectTitle(objects[0]!.object)
  if (objects.length === 1) return `${first} is`
  return `${first} and ${objects.length - 1} more are`
}
