import { setTimeout as sleep } from 'node:timers/promises'
import type { ApiClient } from '../../../api/client.ts'
import { isNotFound, isTooManyRequests } from '../../../api/errors.ts'
import { mapLimited } from '../../../api/objects/map-limited.ts'
import type { Progress } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import { fateOf, type Pod, podName } from './pod.ts'
import { podsOn } from './read-pods.ts'

export interface DrainOptions {
  node: string
  /** Also pods that nobody makes again. */
  force: boolean
  timeoutSeconds: number
}

/** How long until a pod that may not go is tried again. */
const pauseMilliseconds = 2000

/**
 * Evicts what can leave a node, again and again until nothing is left: budgets allow one after the other, and a pod may
 * have come since the plan was made. A TaskError says what stayed and why when time is up.
 */
export async function evictAll(
  client: ApiClient,
  options: DrainOptions,
  { say, signal }: Progress,
): Promise<void> {
  const { node, timeoutSeconds } = options
  const until = performance.now() + timeoutSeconds * 1000
  const waits = new Map<string, string>()
  for (;;) {
    const { leaving } = await podsOn(client, { node, signal })
    if (leaving.length === 0) return
    refuseUnowned(leaving, options)
    const refusals = await mapLimited(leaving, { limit: 8, map: (pod) => evict(client, pod, signal) })
    waits.clear()
    for (const [index, pod] of leaving.entries()) waits.set(podName(pod), refusals[index]!)
    const text = [...waits].map(([name, reason]) => `${name} ${reason}`)
    say(`waiting for ${text.slice(0, 3).join('; ')}${text.length > 3 ? ` and ${text.length - 3} more` : ''}`)
    if (performance.now() >= until) throw timedOut(text, options)
    await sleep(pauseMilliseconds, undefined, { signal })
  }
}

/** Throws where a pod would be lost because nobody makes it again. */
export function refuseUnowned(
  pods: readonly Pod[],
  { node, force }: Pick<DrainOptions, 'node' | 'force'>,
): void {
  const unowned = force ? [] : pods.filter(isUnowned)
  if (unowned.length === 0) return
  const names = unowned.map(podName).join(', ')
  throw new TaskError(
    `on ${node}, ${names} belong${unowned.length === 1 ? 's' : ''} to no controller: nobody makes them again`,
    {
      hint: 'to lose them: --force; else end them yourself, or run them by a Deployment',
    },
  )
}

function isUnowned(pod: Pod): boolean {
  const fate = fateOf(pod)
  return fate.kind === 'leaves' && fate.isUnowned && !pod.metadata.deletionTimestamp
}

/** Asks for a pod to be evicted; gives what it then waits for. */
async function evict(client: ApiClient, { metadata }: Pod, signal: AbortSignal): Promise<string> {
  const { name, namespace, uid, deletionTimestamp } = metadata
  if (deletionTimestamp) return 'to end'
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace!)}/pods/${encodeURIComponent(name)}/eviction`
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace },
    deleteOptions: { preconditions: { uid } },
  }
  try {
    await client.request('POST', path, { body, signal, idempotent: true })
    return 'to end'
  } catch (error) {
    if (isNotFound(error)) return 'to end'
    if (isTooManyRequests(error)) return `may not go yet: ${budgetText(error)}`
    throw error
  }
}

// "Cannot evict pod as it would violate the pod's disruption budget." with the budget's own words as a cause.
function budgetText({
  message,
  details,
}: {
  message: string
  details: { causes: { message?: string }[] }
}): string {
  return details.causes.map((cause) => cause.message).find(Boolean) ?? message
}

function timedOut(waiting: string[], { node, timeoutSeconds }: DrainOptions): TaskError {
  return new TaskError(`${node} is not empty after ${timeoutSeconds} s; still there: ${waiting.join('; ')}`, {
    hint: 'give the pods of the budget more replicas, or more time: --timeout; to take new pods again: tasks node:drain --undo',
  })
}
