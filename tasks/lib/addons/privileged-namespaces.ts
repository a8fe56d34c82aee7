import type { ObjectSet } from '../api/run.ts'
import type { Finding } from '../cli/errors.ts'
import { labelledLevel } from '../kubernetes/pod-security/levels.ts'
import type { Part } from './part.ts'

/** A note for each namespace that a plan wants privileged, with the reason. */
export function privilegedNamespaces(parts: Part[], sets: ReadonlyMap<string, ObjectSet>): Finding[] {
  return parts.flatMap(({ name, component }) =>
    (sets.get(name)?.objects ?? [])
      .filter(({ object }) => object.kind === 'Namespace' && labelledLevel(object) === 'privileged')
      .map(({ object, source }) => ({
        severity: 'note' as const,
        ...source,
        message: `namespace ${object.metadata.name} is privileged: ${component?.privileged ?? 'its manifest says so'}`,
      })),
  )
}
