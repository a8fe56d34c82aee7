import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Change, Plan } from '../change.ts'
import type { Finding } from '../errors.ts'
import { jsonText } from '../secrets/json-text.ts'
import type { Clock } from '../terminal/clock.ts'

/** How a run ended; a run without an end was interrupted. */
export type Outcome = 'done' | 'failed' | 'interrupted'

/** What one line of the journal tells, beside its time. */
export type JournalEvent =
  | { event: 'run'; task: string; target: string; argv: string[]; changes: number }
  | ({ event: 'started' } & ChangeLine)
  | ({ event: 'done'; seconds: number } & ChangeLine)
  | ({ event: 'failed'; seconds: number; error: string } & ChangeLine)
  | { event: 'step'; step: string; title: string; seconds: number; changed: number; unchanged: number }
  | { event: 'end'; outcome: Outcome; seconds: number }

/** The change that a line is about. */
export interface ChangeLine extends Pick<Change, 'target' | 'action' | 'title'> {
  step: string
}

/** Records one run. It is a hint for people and for the next run: no end result depends on it. */
export interface Journal {
  write(event: JournalEvent): void
  close(): void
  /** Where it is, from the project root; undefined when nothing is recorded. */
  file?: string
}

const kept = 50
const folder = join('.tasks', 'journal')

/** A journal that records nothing. */
export const noJournal: Journal = { write: () => {}, close: () => {} }

/** Starts the journal of a run under .tasks/ of the project. Where it cannot be written, `warn` hears of it once. */
export function openJournal(
  root: string,
  { run, now, warn }: { run: Run; now: Clock; warn(finding: Finding): void },
): Journal {
  const file = join(folder, fileName(run.task, now()))
  const failed = (error: unknown) => warn(unwritable(file, error as Error))
  let descriptor = tried(() => openFile(root, file), failed)
  const release = () => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
  const write = (event: JournalEvent) => {
    const to = descriptor
    if (to === undefined) return
    const line = jsonText({ time: new Date(now()).toISOString(), ...event })
    // One write: a killed process leaves whole lines, and at most one half at the end.
    const written = tried(() => writeSync(to, `${line}\n`), failed)
    if (written === undefined) release()
  }
  write({ event: 'run', ...runLine(run) })
  return { file: descriptor === undefined ? undefined : file, write, close: release }
}

interface Run {
  task: string
  plan: Plan
  argv: string[]
}

function tried<T>(work: () => T, failed: (error: unknown) => void): T | undefined {
  try {
    return work()
  } catch (error) {
    failed(error)
    return undefined
  }
}

// The time first, so that names sort by age; a task's ":" is not for file names.
function fileName(task: string, time: number): string {
  const stamp = new Date(time).toISOString().replaceAll(':', '-')
  return `${stamp}-${task.replaceAll(':', '.')}-${process.pid}.jsonl`
}

function openFile(root: string, file: string): number {
  mkdirSync(join(root, folder), { recursive: true })
  writeOnce(join(root, '.tasks', '.gitignore'), '*\n')
  for (const old of journalFiles(root).slice(kept - 1)) rmSync(old, { force: true })
  return openSync(join(root, file), 'a')
}

function writeOnce(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** The journals of a project, newest first. */
export function journalFiles(root: string): string[] {
  const names = readFolder(join(root, folder)).filter((name) => name.endsWith('.jsonl'))
  return names
    .sort()
    .reverse()
    .map((name) => join(root, folder, name))
}

function readFolder(path: string): string[] {
  try {
    return readdirSync(path)
  } catch {
    // Nothing was recorded yet, or nobody may look: the journal is a hint only.
    return []
  }
}

function runLine({ task, plan, argv }: Run) {
  const changes = plan.steps.flatMap((step) => step.waves.flatMap((wave) => wave.changes)).length
  return { task, target: plan.target, argv, changes }
}

function unwritable(file: string, error: Error): Finding {
  return {
    severity: 'warning',
    message: `the journal ${file} cannot be written, this run is not recorded: ${error.message}`,
  }
}
