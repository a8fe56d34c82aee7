import { type Clock, durationText } from './clock.ts'
import type { LiveDisplay, LiveItem, LiveOptions } from './live.ts'

/** Between two lines of one item, in milliseconds: a log must stay readable. */
const pause = 10_000

/** Things under way as lines of a log: the first word of each, then one in ten seconds, then its end with the time. */
export function plainDisplay({ stream, now, clean }: LiveOptions): LiveDisplay {
  const line = (text: string) => stream.write(`${clean(text)}\n`)
  return {
    print: (text, elsewhere) => void (elsewhere ?? ((all) => stream.write(all)))(text),
    start: (title) => plainItem(title, { line, now }),
  }
}

function plainItem(title: string, { line, now }: { line(text: string): unknown; now: Clock }): LiveItem {
  const started = now()
  let text = title
  let shown: { text: string; at: number } | undefined
  let pending: NodeJS.Immediate | undefined
  const show = () => {
    pending = undefined
    if (text === shown?.text) return
    shown = { text, at: now() }
    line(text)
  }
  return {
    // A moment later: the last word before the end is printed by the end, with its time.
    say(next) {
      text = next
      const soon = shown !== undefined && now() - shown.at < pause
      if (!soon) pending ??= setImmediate(show)
    },
    end(result) {
      clearImmediate(pending)
      const seconds = (now() - started) / 1000
      const saidJustNow = text === shown?.text && seconds < 1
      if (saidJustNow && result === 'done') return
      const time = durationText(seconds)
      line(result === 'failed' ? `${text}: failed (${time})` : `${text} (${time})`)
    },
  }
}
