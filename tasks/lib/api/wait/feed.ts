import type { KubernetesObject } from '../../manifest/object.ts'
import type { ApiClient } from '../client.ts'
import type { Resource } from '../resource.ts'
import { isUnschedulable } from './readiness-pods.ts'

/** The objects of one kind, kept current by one watch that all who wait for them share. */
export interface Feed {
  /** By name; of one namespace, or cluster-scoped. Empty until `synced`. */
  objects: Map<string, Seen>
  synced: boolean
  /** Why it ended; whoever waits ends with it. */
  error?: unknown
  listeners: Set<() => void>
  /** To be called once by each who asked for the feed; the watch ends with the last. */
  release(): void
}

export interface Seen {
  object: KubernetesObject
  /** When it was first seen in this state, in milliseconds. */
  since: number
  /** It came or changed after the watch began. */
  isNew: boolean
}

export interface FeedScope {
  resource: Resource
  namespace?: string
  labelSelector?: string
}

/** Gives the feed of a kind and namespace: a running one, or a new one. */
export function createFeeds(client: ApiClient): (scope: FeedScope) => Feed {
  const running = new Map<string, { feed: Feed; users: number }>()
  return (scope) => {
    const { resource, namespace, labelSelector } = scope
    const key = [resource.group, resource.name, namespace, labelSelector].join('|')
    const entry = running.get(key) ?? { feed: startFeed(client, scope), users: 0 }
    running.set(key, entry)
    entry.users++
    let released = false
    const release = () => {
      if (released) return
      released = true
      if (--entry.users > 0) return
      running.delete(key)
      entry.feed.release()
    }
    return sharing(entry.feed, release)
  }
}

/**
 * Looks again after each event of these feeds, and every second besides, until `judge` gives something.
 * It rejects with what `judge` throws, with the error of a feed, or with the reason of the signal.
 */
export function until<T>(
  feeds: Feed[],
  { judge, signal }: { judge: () => T | undefined; signal: AbortSignal },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      for (const feed of feeds) feed.listeners.delete(look)
      clearInterval(timer)
      signal.removeEventListener('abort', look)
      settle()
    }
    const look = () => {
      try {
        signal.throwIfAborted()
        for (const feed of feeds) if (feed.error) throw feed.error
        const result = feeds.every(({ synced }) => synced) ? judge() : undefined
        if (result !== undefined) finish(() => resolve(result))
      } catch (error) {
        finish(() => reject(error))
      }
    }
    // What is seen ages as well: a pod that no node takes fails after a while without any event.
    const timer = setInterval(look, 1000)
    signal.addEventListener('abort', look)
    for (const feed of feeds) feed.listeners.add(look)
    look()
  })
}

function sharing(feed: Feed, release: () => void): Feed {
  return {
    get objects() {
      return feed.objects
    },
    get synced() {
      return feed.synced
    },
    get error() {
      return feed.error
    },
    listeners: feed.listeners,
    release,
  }
}

function startFeed(client: ApiClient, scope: FeedScope): Feed {
  const stop = new AbortController()
  const feed: Feed = { objects: new Map(), synced: false, listeners: new Set(), release: () => stop.abort() }
  follow(client, { feed, scope, signal: stop.signal }).catch((error: unknown) => {
    if (stop.signal.aborted) return
    feed.error = error
    notify(feed)
  })
  return feed
}

async function follow(
  client: ApiClient,
  { feed, scope, signal }: { feed: Feed; scope: FeedScope; signal: AbortSignal },
) {
  const { resource, ...options } = scope
  const { items, resourceVersion } = await client.list(resource, { ...options, signal })
  for (const object of items) remember(feed, object)
  feed.synced = true
  notify(feed)
  const place = { resourceVersion, known: items }
  for await (const { type, object } of client.watch(resource, { ...options, ...place, signal })) {
    if (type === 'BOOKMARK') continue
    if (type === 'DELETED') feed.objects.delete(object.metadata.name)
    else remember(feed, object)
    notify(feed)
  }
}

function remember(feed: Feed, object: KubernetesObject): void {
  const before = feed.objects.get(object.metadata.name)
  const goesOn = before !== undefined && isUnschedulable(before.object) && isUnschedulable(object)
  const since = goesOn ? before.since : Date.now()
  feed.objects.set(object.metadata.name, { object, since, isNew: feed.synced })
}

function notify(feed: Feed): void {
  for (const listener of [...feed.listeners]) listener()
}
