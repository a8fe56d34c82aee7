import type { Wave } from '../../cli/change.ts'
import type { Finding } from '../../cli/errors.ts'
import { type KubernetesObject, objectTitle } from '../../manifest/object.ts'
import { isSimulated } from '../compare/simulated.ts'
import { objectLines } from '../objects/object-lines.ts'
import type { Run } from '../run.ts'
import type { ObjectChange } from './object-change.ts'
import { awaitRemoval, removeObject } from './remove-object.ts'
import { waveCount, waveOf } from './waves.ts'

/** What is known about a deletion besides the object. */
export interface Risk {
  notes?: string[]
  blocked?: Finding
}

/** The Change that deletes an object, by its UID. */
export function removeChange(run: Run, live: KubernetesObject, risk: Risk = {}): ObjectChange {
  const title = objectTitle(live)
  return {
    target: title,
    title: `delete ${title}`,
    action: 'delete',
    get before() {
      return objectLines(live)
    },
    after: [],
    simulated: isSimulated(run, live),
    ...risk,
    basis: `${live.metadata.uid}/${live.metadata.resourceVersion}`,
    run: () => removeObject(run, live),
    verify: (progress) => awaitRemoval(run, live, progress),
  }
}

/** Deletions in the reverse order of applying, each wave gone before the next: a claim before its namespace. */
export function removalWaves(
  run: Run,
  objects: KubernetesObject[],
  riskOf: (live: KubernetesObject) => Risk = () => ({}),
): Wave[] {
  const waves: Wave[] = []
  for (let number = waveCount - 1; number >= 0; number--) {
    const ofWave = objects.filter((live) => waveOf(live) === number)
    const changes = ofWave.map((live) => removeChange(run, live, riskOf(live)))
    if (changes.length > 0) waves.push({ changes, parallel: 64, gate: true })
  }
  return waves
}
