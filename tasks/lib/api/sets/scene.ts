import type { Run } from '../run.ts'
import type { Desired, DesiredSet } from './desired.ts'
import type { Parents } from './parents.ts'

/** A run with all that it is about, as read from the server and the files. */
export interface Scene extends Run {
  sets: DesiredSet[]
  parents: Parents
  /** Namespaces that this run applies, by name. */
  namespaces: Map<string, Desired>
  /** Namespaces that were deleted since the plan and made anew, and when (milliseconds): what was in them is gone. */
  renewed: Map<string, number>
}

/** Puts a scene together. */
export function sceneOf(run: Run, { sets, parents }: { sets: DesiredSet[]; parents: Parents }): Scene {
  const namespaces = new Map<string, Desired>()
  for (const { members } of sets)
    for (const desired of members.values())
      if (desired.object.apiVersion === 'v1' && desired.object.kind === 'Namespace')
        namespaces.set(desired.object.metadata.name, desired)
  return { ...run, sets, parents, namespaces, renewed: new Map() }
}
