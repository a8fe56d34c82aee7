import { environment } from '../config/environment.ts'
import type { Finding } from './errors.ts'
import { onCommand } from './process/command-log.ts'
import { redact } from './redact.ts'
import { jsonText } from './secrets/json-text.ts'
import { type Clock, systemClock } from './terminal/clock.ts'
import { mayColour, painter } from './terminal/colours.ts'
import { findingText } from './terminal/finding-text.ts'
import type { LiveDisplay, Sink } from './terminal/live.ts'
import { plainDisplay } from './terminal/live-plain.ts'
import { terminalDisplay } from './terminal/live-terminal.ts'
import { printable } from './terminal/screen-text.ts'

/** Where a task speaks: data to stdout, everything for people to stderr, redacted on the way. */
export interface Output {
  /**
   * stdout: text exactly as given, no newline added. `unredacted` is for results that were asked for in full, such as
   * rendered manifests or one secret's value; never for logs, plans and reports.
   */
  data(text: string, options?: { unredacted?: boolean }): void
  /** stdout: a file that was asked for in full, to the byte. */
  bytes(bytes: Uint8Array): void
  /** stdout: one JSON document; BigInt prints without loss. */
  json(value: unknown): void
  /** "==> Create 41 directories" */
  heading(text: string): void
  /** One line for people. */
  line(text?: string): void
  /** One line with --verbose only. */
  verbose(text: string): void
  /** Errors, warnings and notes in the project's form, with their hints. */
  findings(findings: Finding[]): void
  /** "next: tasks persistent" */
  next(command: string): void
  /**
   * Runs work with a live line for each item on a terminal, plain lines elsewhere.
   * The line is replaced by say() and left standing as "text (1.2s)" at the end.
   */
  live<T>(title: string, work: (say: (text: string) => void) => Promise<T>): Promise<T>
  /** True on a terminal that may show moving lines and colours (NO_COLOR, CI and pipes: false). */
  readonly interactive: boolean
  /** True where data() writes to a terminal that may show colours. */
  readonly dataColours: boolean
}

export interface OutputOptions {
  json?: boolean
  verbose?: boolean
  /** Stand-ins for tests. */
  stdout?: Sink
  stderr?: Sink
  environment?: Readonly<Record<string, string | undefined>>
  now?: Clock
}

/** The Output of this process. */
export function createOutput(options: OutputOptions): Output {
  const { stdout = process.stdout, stderr = peopleStream(), now = systemClock } = options
  const coloured = mayColour(options.environment ?? environment())
  const interactive = stderr.isTTY === true && coloured
  const display = displayOf(stderr, { interactive, now })
  const paint = painter(interactive)
  const people = (text: string) => display.print(`${text}\n`)
  const data = (text: string) => display.print(text, (all) => void stdout.write(all))
  const verbose = (text: string) => {
    if (options.verbose) people(paint('dim', clean(text)))
  }
  if (options.verbose) onCommand(verbose)
  return {
    interactive,
    dataColours: stdout.isTTY === true && coloured,
    verbose,
    data: (text, { unredacted = false } = {}) => data(unredacted ? text : redact(text)),
    bytes: (bytes) => display.print('', () => void stdout.write(bytes)),
    json: jsonWriter(stdout, { data, people }),
    heading: (text) => people(paint('bold', `==> ${clean(text)}`)),
    line: (text = '') => people(clean(text, { colours: interactive })),
    findings: (findings) => {
      for (const finding of findings) people(findingText(cleanFinding(finding), paint))
    },
    next: (command) => people(`${paint('cyan', 'next:')} ${clean(command)}`),
    live: (title, work) => liveWork(display, { title, work }),
  }
}

// What people see holds no secrets and nothing that moves the cursor. Redacted twice: a secret may hold what
// printable() takes out, or come together by taking it out.
function clean(text: string, { colours = false } = {}): string {
  return redact(printable(redact(text), { colours }))
}

function cleanFinding(finding: Finding): Finding {
  const { message, hint, file } = finding
  return { ...finding, message: clean(message), hint: hint && clean(hint), file: file && clean(file) }
}

// A terminal that was closed must not turn the end of the work into a crash of its last words.
function peopleStream(): Sink {
  if (process.stderr.listenerCount('error') === 0) process.stderr.on('error', () => {})
  return process.stderr
}

const displays = new WeakMap<Sink, LiveDisplay>()

// Everything that writes to one stream has to know of its moving lines.
function displayOf(stream: Sink, { interactive, now }: { interactive: boolean; now: Clock }): LiveDisplay {
  const known = displays.get(stream)
  if (known) return known
  const display = (interactive ? terminalDisplay : plainDisplay)({ stream, now, clean })
  displays.set(stream, display)
  return display
}

const documented = new WeakSet<Sink>()

// Whoever reads stdout as JSON reads one document: a second one, such as an error after the report, is for people.
function jsonWriter(stdout: Sink, write: { data(text: string): void; people(text: string): void }) {
  return (value: unknown) => {
    const text = jsonText(value, 2)
    if (documented.has(stdout)) return write.people(text)
    documented.add(stdout)
    write.data(`${text}\n`)
  }
}

async function liveWork<T>(
  display: LiveDisplay,
  { title, work }: { title: string; work: (say: (text: string) => void) => Promise<T> },
): Promise<T> {
  const item = display.start(title)
  try {
    const result = await work((text) => item.say(text))
    item.end('done')
    return result
  } catch (error) {
    item.end('failed')
    throw error
  }
}
