import { setMaxListeners } from 'node:events'
import type { Progress } from '../../cli/change.ts'
import type { Place } from '../../cli/errors.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import { isNotFound } from '../errors.ts'
import type { Observed, Readiness, ReadinessContext } from '../objects/observed.ts'
import { findResource } from '../objects/served.ts'
import { type ObjectRef, refTitle } from '../resource.ts'
import { partOfLabel } from '../sets/applyset.ts'
import { claimContext } from './claim-context.ts'
import { createFeeds, type Feed, type FeedScope, until } from './feed.ts'
import { canBeUnready, readiness } from './readiness.ts'
import { NotReady, waitError } from './wait-error.ts'
import { creationFailure } from './workload-events.ts'
import { type PodFeeds, podFailure, podFeeds } from './workload-pods.ts'

/** What is waited for. */
export interface Awaited {
  ref: ObjectRef
  source?: Place
  /** As the server last gave it, and when (milliseconds): what was Current a moment ago needs no further look. */
  known?: { object: KubernetesObject; at: number }
  /** True for a member of one of our sets: the watch then leaves all other objects out. */
  labelled?: boolean
}

/** Waits by watching; one watch for each kind and namespace serves all that wait. */
export interface Waiter {
  /** Until it is ready by the rules of kstatus; throws with the reason when it cannot become so, or time is up. */
  ready(awaited: Awaited, progress: Progress): Promise<void>
  /** Until the object with this UID is not there any more. */
  gone(awaited: Awaited & { uid: string }, progress: Progress): Promise<void>
}

/** The one who waits, for all objects of a run. */
export function createWaiter(client: ApiClient): Waiter {
  const feedOf = createFeeds(client)
  return {
    ready(awaited, progress) {
      setMaxListeners(0, progress.signal)
      return waitReady({ client, feedOf, awaited, progress })
    },
    gone(awaited, progress) {
      setMaxListeners(0, progress.signal)
      return waitGone({ client, feedOf, awaited, progress })
    },
  }
}

interface Wait<A = Awaited> {
  client: ApiClient
  feedOf: (scope: FeedScope) => Feed
  awaited: A
  progress: Progress
}

const freshMilliseconds = 10_000

async function waitReady(wait: Wait): Promise<void> {
  const { known } = wait.awaited
  if (known && !canBeUnready(known.object)) return
  if (known && Date.now() - known.at < freshMilliseconds && readiness(known.object).status === 'Current')
    return
  const own = await ownFeed(wait)
  try {
    await becomesReady(wait, own)
  } finally {
    own.release()
  }
}

async function becomesReady(wait: Wait, own: Feed): Promise<void> {
  const { awaited, progress, client, feedOf } = wait
  await until([own], { judge: () => true, signal: progress.signal })
  const first = own.objects.get(awaited.ref.name)?.object
  if (first && readiness(first).status === 'Current') return
  const context = await claimContext(client, first)
  const pods = await podFeeds({ client, feedOf, object: first ?? awaited.known?.object })
  try {
    const judge = () => judged(wait, { own, pods, context })
    await until([own, ...pods.feeds], { judge, signal: progress.signal })
  } catch (error) {
    throw await waitError(error, { ...wait, own, pods })
  } finally {
    for (const feed of pods.feeds) feed.release()
  }
}

interface View {
  own: Feed
  pods: PodFeeds
  context: (pods: PodFeeds) => ReadinessContext
}

function judged({ awaited, progress }: Wait, { own, pods, context }: View): true | undefined {
  const { object, since = Date.now() } = own.objects.get(awaited.ref.name) ?? {}
  if (!object && cleansItselfUp(awaited.known?.object)) return true
  const state = readiness(object, { seenSeconds: (Date.now() - since) / 1000, ...context(pods) })
  if (state.status === 'Current') return true
  const failure = state.status === 'InProgress' && object ? podFailure(object as Observed, pods) : undefined
  if (state.status === 'Failed' || state.status === 'NotFound' || failure)
    throw new NotReady(failure ?? state.message)
  const creation = object && creationFailure(object as Observed, pods.events)
  progress.say(
    `waiting for ${refTitle(awaited.ref)}: ${state.message}${creation ? `; ${creation.text}` : ''}`,
  )
  return undefined
}

// A Job with a time to live goes away by itself once it is done.
function cleansItselfUp(object: KubernetesObject | undefined): boolean {
  return object?.kind === 'Job' && (object as Observed).spec?.ttlSecondsAfterFinished !== undefined
}

async function waitGone(wait: Wait<Awaited & { uid: string }>): Promise<void> {
  const { awaited, progress } = wait
  const own = await ownFeed(wait)
  try {
    await until([own], {
      judge: () =>
        isGone(own, awaited) || say(progress, { ref: awaited.ref, state: stateIn(own, awaited.ref.name) }),
      signal: progress.signal,
    })
  } catch (error) {
    if (isNotFound(error)) return
    throw await waitError(error, { ...wait, own })
  } finally {
    own.release()
  }
}

function isGone(feed: Feed, { ref, uid }: { ref: ObjectRef; uid: string }): true | undefined {
  return feed.objects.get(ref.name)?.object.metadata.uid === uid ? undefined : true
}

function stateIn(feed: Feed, name: string): Readiness {
  return readiness(feed.objects.get(name)?.object)
}

function say(progress: Progress, { ref, state }: { ref: ObjectRef; state: Readiness }): undefined {
  progress.say(`waiting for ${refTitle(ref)} to go: ${state.message || 'not being deleted yet'}`)
}

async function ownFeed({ client, feedOf, awaited }: Wait): Promise<Feed> {
  const { ref, labelled } = awaited
  const resource = await findResource(client, ref)
  return feedOf({ resource, namespace: ref.namespace, labelSelector: labelled ? partOfLabel : undefined })
}
