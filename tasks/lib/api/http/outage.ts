/** Notices when the server stops answering and when it is back, and says so while it lasts. */
export interface Outage {
  /** A request got no answer. */
  begin(): void
  /** A request was answered. */
  end(): void
  /** The server was away within the last ten seconds. */
  isRecent(): boolean
}

const recentMs = 10_000

/** Says at most once a second "API server https://… does not answer, trying again (12 s)". */
export function createOutage(server: string, say: (text: string) => void): Outage {
  let since: number | undefined
  let saidAt = 0
  let endedAt = Number.NEGATIVE_INFINITY
  return {
    begin() {
      const now = Date.now()
      since ??= now
      if (now - saidAt < 1000) return
      saidAt = now
      say(`API server ${server} does not answer, trying again (${Math.round((now - since) / 1000)} s)`)
    },
    end() {
      if (since === undefined) return
      since = undefined
      endedAt = Date.now()
    },
    isRecent: () => since !== undefined || Date.now() - endedAt < recentMs,
  }
}
