/** So many sessions of one connection at once: sshd allows 10 unless told, and two are kept for ending scripts. */
const channelsPerHost = 8

/** Places for sessions on one connection, given in the order of asking. */
export interface Channels {
  /** Waits for a place; gives back what returns it. Throws the signal's reason when aborted before. */
  take(signal?: AbortSignal): Promise<() => void>
  /** The server refused one more beside those under way: there are no more places than those. False when there is none left. */
  refused(): boolean
}

/** Places for so many sessions. */
export function createChannels(places = channelsPerHost): Channels {
  const waiting = new Set<() => void>()
  let limit = places
  let taken = 0
  const admit = () => {
    for (const start of waiting) {
      if (taken >= limit) return
      waiting.delete(start)
      taken++
      start()
    }
  }
  const giveBack = () => {
    let isBack = false
    return () => {
      if (isBack) return
      isBack = true
      taken--
      admit()
    }
  }
  return {
    take: (signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const cancel = () => {
          waiting.delete(start)
          reject(signal?.reason)
        }
        const start = () => {
          signal?.removeEventListener('abort', cancel)
          resolve(giveBack())
        }
        signal?.addEventListener('abort', cancel, { once: true })
        waiting.add(start)
        admit()
      }),
    refused() {
      // Counted with the one that was refused.
      limit = Math.max(1, Math.min(limit, taken - 1))
      return taken > 1
    },
  }
}
