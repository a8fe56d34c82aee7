import { createInterface } from 'node:readline'
import { type Readable, Writable } from 'node:stream'
import { interrupted } from '../commands/signals.ts'
import { TaskError, UsageError } from '../errors.ts'
import { redact } from '../redact.ts'
import { whileAsking } from './asking.ts'
import { printable } from './screen-text.ts'

/** Where questions are asked; tests bring their own. */
export interface Terminal {
  input: Readable & { isTTY?: boolean }
  output: Writable & { isTTY?: boolean }
}

export interface PromptOptions {
  /** What answers without a terminal: "--yes", "--domain NAME". */
  option?: string
  terminal?: Terminal
}

/** What an answer is worth: a value, or what is wrong with it. */
export type Reading<T> = { value: T } | { again: string }

interface Asking<T> extends PromptOptions {
  hidden?: boolean
  read(line: string): Reading<T>
}

/** Asks until an answer can be read. Without a terminal nothing is asked: a UsageError names the option instead. */
export async function askUntil<T>(text: string, { read, hidden = false, ...options }: Asking<T>): Promise<T> {
  const terminal = options.terminal ?? { input: process.stdin, output: process.stderr }
  if (!terminal.input.isTTY || !terminal.output.isTTY) throw unanswered(text, options.option)
  const shown = printable(redact(text))
  return whileAsking(async () => {
    for (;;) {
      const reading = read(await readLine(shown, { terminal, hidden }))
      if ('value' in reading) return reading.value
      terminal.output.write(`${printable(redact(reading.again))}\n`)
    }
  })
}

function unanswered(text: string, option: string | undefined): UsageError {
  const question = printable(redact(text.split('\n')[0]!)).trim()
  return new UsageError(`there is no terminal to ask on: ${question}`, {
    hint: option ? `answer it with ${option}` : 'run the command in a terminal',
  })
}

function readLine(
  text: string,
  { terminal, hidden }: { terminal: Terminal; hidden: boolean },
): Promise<string> {
  const { input, output } = terminal
  const lines = createInterface({
    input,
    output: hidden ? nowhere() : output,
    terminal: true,
    historySize: 0,
  })
  // The terminal's own echo is off from here on: a question before it could show what is typed at once.
  if (hidden) output.write(text)
  return new Promise<string>((resolve, reject) => {
    lines.question(hidden ? '' : text, resolve)
    lines.once('SIGINT', () => reject(interrupted()))
    lines.once('close', () => reject(new TaskError('the question got no answer: nothing was changed')))
  }).finally(() => {
    lines.close()
    if (hidden) output.write('\n')
  })
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() })
}
