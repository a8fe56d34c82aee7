import { TaskError } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { ObjectSet, Run } from '../run.ts'
import { applySetId, idLabel, isOurs, parentName, parentNamespace, sourceAnnotation } from './applyset.ts'

/** Records of ApplySets, ours and other tools', by set id. */
export type Parents = Map<string, KubernetesObject>

/** The parents of all sets that are recorded where ours are. */
export async function readParents({ client, options }: Pick<Run, 'client' | 'options'>): Promise<Parents> {
  const resource = (await client.discovery()).find('v1', 'Secret')!
  const { signal } = options
  const { items } = await client.list(resource, {
    namespace: parentNamespace,
    labelSelector: idLabel,
    signal,
  })
  return new Map(items.map((parent) => [parent.metadata.labels?.[idLabel] ?? '', parent]))
}

/** The parent of the set with this name, if it has one. A parent that another tool made is an error. */
export function parentOf(parents: Parents, set: string): KubernetesObject | undefined {
  const name = parentName(set)
  const parent = parents.get(applySetId(name))
  if (!parent || isOurs(parent)) return parent
  throw new TaskError(`Secret ${parentNamespace}/${name} records a set of another tool`, {
    hint: `give this set another name: --set NAME`,
  })
}

/** Refuses a set whose name is another source's: their objects would be pruned as if they had left this one. */
export function refuseOtherSource(
  { name, source }: ObjectSet,
  { parents, options }: { parents: Parents; options: Run['options'] },
): void {
  const recorded = parentOf(parents, name)?.metadata.annotations?.[sourceAnnotation]
  if (!recorded || recorded === source || options.moved) return
  throw new TaskError(`the set ${name} was applied from ${recorded}, not from ${source}`, {
    hint: `for a set of its own give another name: --set NAME; if the files have moved: --moved`,
  })
}

/** "web" of "metaltasks-web": whose set an id stands for, as far as it is recorded. */
export function setNamed(parents: Parents, id: string): string | undefined {
  const parent = parents.get(id)
  if (!parent || !isOurs(parent)) return undefined
  return parent.metadata.name.slice(parentName('').length)
}
