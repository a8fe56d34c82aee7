import { onAsking } from './asking.ts'
import { durationText } from './clock.ts'
import type { LiveDisplay, LiveItem, LiveOptions } from './live.ts'
import { cut, width } from './screen-text.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMilliseconds = 120

interface Moving {
  text: string
  started: number
}

/** Things under way as moving lines at the foot of a terminal, each with a spinner and its time. */
export function terminalDisplay(options: LiveOptions): LiveDisplay {
  const items = new Set<Moving>()
  const block = movingBlock(options)
  let isStill = false
  const show = () => {
    if (!isStill) block.draw(movingLines([...items], options))
  }
  onAsking((isAsking) => {
    isStill = isAsking
    if (isStill) block.clear()
    else show()
  })
  const print = (text: string, elsewhere?: (text: string) => void) => {
    block.clear()
    if (elsewhere) elsewhere(text)
    else options.stream.write(text)
    show()
  }
  const timer = whileNeeded(show)
  const finish = (item: Moving, line: string) => {
    items.delete(item)
    if (items.size === 0) timer.stop()
    print(`${line}\n`)
  }
  return {
    print,
    start(title) {
      const item: Moving = { text: options.clean(title), started: options.now() }
      items.add(item)
      timer.start()
      show()
      return liveItem(item, { options, finish })
    },
  }
}

function liveItem(
  item: Moving,
  { options, finish }: { options: LiveOptions; finish(item: Moving, line: string): void },
): LiveItem {
  return {
    // The next frame shows it: thousands of these a second must not become thousands of writes.
    say(text) {
      item.text = options.clean(text)
    },
    end(result) {
      const time = durationText((options.now() - item.started) / 1000)
      const mark = result === 'failed' ? '✗' : '✓'
      finish(item, `${mark} ${item.text}${result === 'failed' ? ': failed' : ''} (${time})`)
    },
  }
}

// The timer must not keep a process alive that has nothing else to do.
function whileNeeded(tick: () => void): { start(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  return {
    start: () => {
      timer ??= setInterval(tick, frameMilliseconds).unref()
    },
    stop: () => {
      clearInterval(timer)
      timer = undefined
    },
  }
}

// A terminal that does not know its size says 0.
function movingLines(items: Moving[], { stream, now }: LiveOptions): string[] {
  const columns = Math.max(10, (stream.columns || 80) - 1)
  const room = Math.max(1, (stream.rows || 24) - 2)
  const frame = frames[Math.floor(now() / frameMilliseconds) % frames.length]
  const shown = items.length > room ? items.slice(0, room - 1) : items
  const lines = shown.map(({ text, started }) => {
    const time = ` (${durationText((now() - started) / 1000)})`
    return `${frame} ${cut(text.split('\n')[0]!, columns - 2 - time.length)}${time}`
  })
  return shown.length < items.length ? [...lines, `  … and ${items.length - shown.length} more`] : lines
}

/** Lines that are drawn over again in place. */
function movingBlock({ stream }: LiveOptions): { draw(lines: string[]): void; clear(): void } {
  let drawn: string[] = []
  // A terminal that became narrower has wrapped what stood there: count its rows as they are now.
  const rowsDrawn = () => {
    const columns = Math.max(1, stream.columns || 80)
    return drawn.reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / columns)), 0)
  }
  const erase = () => (drawn.length === 0 ? '' : `\x1b[${rowsDrawn()}A\r\x1b[J`)
  return {
    draw(lines) {
      const text = erase() + lines.map((line) => `${line}\n`).join('')
      drawn = lines
      if (text !== '') stream.write(text)
    },
    clear() {
      const text = erase()
      drawn = []
      if (text !== '') stream.write(text)
    },
  }
}
