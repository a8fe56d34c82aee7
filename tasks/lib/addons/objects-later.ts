import { objectLines } from '../api/objects/object-lines.ts'
import type { ObjectSet } from '../api/run.ts'
import type { Change, Step } from '../cli/change.ts'
import { type ManifestObject, objectTitle } from '../manifest/object.ts'
import { type Loaded, type ObjectPlan, type PlanObjectsOptions, planObjects } from './object-plan.ts'
import type { Part } from './part.ts'

/**
 * Steps about objects of a cluster that an earlier step makes: the plan shows what the new cluster is to get; when the
 * first of them has its turn, all of them are planned on the cluster that is there then.
 */
export function objectsLater(parts: Part[], options: PlanObjectsOptions): ObjectPlan {
  let planned: Promise<ObjectPlan> | undefined
  const again = (name: string) => async () => {
    const isFirst = planned === undefined
    planned ??= planObjects(parts, options)
    const { steps, findings } = await planned
    return { step: steps.get(name)!, findings: isFirst ? findings : [] }
  }
  const steps = parts.map((part): [string, Step] => {
    const { name, title } = part
    const changes = expected(part, options.loaded)
    const waves = changes.length > 0 ? [{ changes, parallel: 1 }] : []
    return [name, { name, title, waves, unchanged: [], again: again(name) }]
  })
  return { steps: new Map(steps), findings: options.loaded.findings, target: {} }
}

function expected({ name, title }: Part, { sets }: Loaded): Change[] {
  const set = sets.get(name)
  return set ? set.objects.map((entry) => creation(entry, set)) : [unknown(title)]
}

function creation({ object, source }: ManifestObject, { namespace }: ObjectSet): Change {
  const target = objectTitle(object)
  return {
    ...never(target),
    action: 'create',
    title: `create ${target}${object.metadata.namespace || !namespace ? '' : ` in ${namespace}`}`,
    before: [],
    get after() {
      return objectLines(object)
    },
    source,
  }
}

function unknown(title: string): Change {
  return {
    ...never(title),
    action: 'run',
    title: `${title}: planned when the API server answers`,
    before: [],
    after: [],
  }
}

// What is planned again takes the place of these before anything runs.
function never(target: string): Pick<Change, 'target' | 'run' | 'verify'> {
  const run = async () => {
    throw new Error(`${target} was not planned again`)
  }
  return { target, run, verify: run }
}
