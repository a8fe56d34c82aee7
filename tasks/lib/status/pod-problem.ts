import type { Feed, Seen } from '../api/feed.ts'
import { conditionOf, type Observed } from '../api/observed.ts'
import { creationFailure } from '../api/workload-events.ts'
import { podFailure } from '../api/workload-pods.ts'
import type { Lists } from './lists.ts'

/** Why the pods of a workload do not come up, in the words of a run that waits for it. */
export function podProblem(
  workload: Observed,
  { lists, now }: { lists: Lists; now: number },
): { text: string; isFinal: boolean } | undefined {
  const scope = { namespace: workload.metadata.namespace, now }
  const pods = snapshot(lists.pods, scope)
  const replicaSets = workload.kind === 'Deployment' ? snapshot(lists.replicaSets, scope) : undefined
  const events = snapshot(lists.refusals, scope)
  const failure = podFailure(workload, { feeds: [], pods, replicaSets, events })
  return failure ? { text: failure, isFinal: true } : creationFailure(workload, events)
}

interface Scope {
  namespace?: string
  now: number
}

/** A controller that is refused tries again at least every 17 minutes: an older event is about what was. */
const eventMinutes = 20

// One moment, in the form in which the rules of waiting read what they watch.
function snapshot(objects: Observed[], { namespace, now }: Scope): Feed {
  const seen = objects
    .filter(({ metadata }) => metadata.namespace === namespace)
    .map((object): [string, Seen] => {
      const since = sinceOf(object)
      const isNew = now - (since ?? 0) < eventMinutes * 60_000
      return [object.metadata.name, { object, since: since ?? now, isNew }]
    })
  return { objects: new Map(seen), synced: true, listeners: new Set(), release: () => {} }
}

function sinceOf(object: Observed): number | undefined {
  const { lastTimestamp, eventTime, series } = object as Observed & EventTimes
  const scheduled = conditionOf(object, 'PodScheduled') as { lastTransitionTime?: string } | undefined
  const time = Date.parse(
    series?.lastObservedTime ?? lastTimestamp ?? eventTime ?? scheduled?.lastTransitionTime ?? '',
  )
  return Number.isNaN(time) ? undefined : time
}

interface EventTimes {
  lastTimestamp?: string
  eventTime?: string
  series?: { lastObservedTime?: string }
}
