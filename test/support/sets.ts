import type { ApiClient } from '../../tasks/lib/api/client.ts'
import { planSets } from '../../tasks/lib/api/plan.ts'
import type { ObjectSet, PlanOptions } from '../../tasks/lib/api/run.ts'
import type { Change, Step } from '../../tasks/lib/cli/change.ts'
import type { Finding } from '../../tasks/lib/cli/errors.ts'
import type { KubernetesObject } from '../../tasks/lib/manifest/object.ts'
import { inManifest } from './objects.ts'

/** What a plan of sets may be given. */
export type SetOptions = Omit<PlanOptions, 'signal'> & { signal?: AbortSignal }

/** A set of objects as manifests/NAME.yaml would hold them. */
export function setOf(
  name: string,
  objects: KubernetesObject[],
  source = `manifests/${name}.yaml`,
): ObjectSet {
  return { name, title: name, source, objects: objects.map((object) => inManifest(object, source)) }
}

/** The plan of one set. */
export async function planOf(client: ApiClient, set: ObjectSet, options: SetOptions = {}): Promise<Step> {
  const [step] = await planSets(client, [set], { signal: new AbortController().signal, ...options })
  return step!
}

/** Plans and applies a set, waits until it is ready, and gives the titles of what was changed. */
export async function applySet(
  client: ApiClient,
  set: ObjectSet,
  options: SetOptions = {},
): Promise<string[]> {
  const step = await planOf(client, set, options)
  await runStep(step)
  return titles(step)
}

/** Every change of a step, in the order of its waves. */
export function changesOf(step: Step): Change[] {
  return step.waves.flatMap(({ changes }) => changes)
}

/** "create ConfigMap web/conf", without the set's own record. */
export function titles(step: Step): string[] {
  return changesOf(step)
    .map(({ title }) => title)
    .filter((title) => !title.startsWith('record what'))
}

/** Why changes of a step cannot be made. */
export function blockedBy(step: Step): Finding[] {
  return changesOf(step).flatMap(({ blocked }) => blocked ?? [])
}

/** Makes the changes wave by wave and verifies each; with `said`, collects what they say. A blocked one is an error. */
export async function runStep(
  step: Step,
  { said = [], seconds = 60 }: { said?: string[]; seconds?: number } = {},
) {
  const blocked = blockedBy(step)
  if (blocked.length > 0) throw new Error(blocked.map(({ message }) => message).join('\n'))
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(new Error('time is up')), seconds * 1000)
  const progress = { say: (text: string) => void said.push(text), signal: limit.signal }
  try {
    for (const { changes, gate } of step.waves) {
      await Promise.all(changes.map((change) => change.run(progress)))
      if (gate) await Promise.all(changes.map((change) => change.verify(progress)))
    }
    await Promise.all([...changesOf(step), ...step.unchanged].map((check) => check.verify(progress)))
  } finally {
    clearTimeout(timer)
  }
}
