import { readFileSync } from 'node:fs'
import { type JournalEvent, journalFiles, type Outcome } from './journal.ts'

/** What the journal knows of a run. */
export interface LastRun {
  task: string
  target: string
  outcome: Outcome
  startedAt: string
  seconds?: number
  /** Changes that the plan had, and those that were made. */
  changes: number
  changesDone: number
  /** The step of the last change that was begun. */
  stoppedAt?: string
  steps: { name: string; title: string; seconds: number; changed: number; unchanged: number }[]
}

/** The newest recorded run, of a task and a target where they are given; undefined when there is none. */
export function lastRun(root: string, of: { task?: string; target?: string } = {}): LastRun | undefined {
  for (const file of journalFiles(root)) {
    const run = readRun(file)
    const wanted = run && (of.task ?? run.task) === run.task && (of.target ?? run.target) === run.target
    if (wanted) return run
  }
  return undefined
}

/** "the last run stopped at STEP (12 of 40 changes done): going on", or undefined when it did not stop midway. */
export function goingOnText(run: LastRun | undefined): string | undefined {
  if (run?.outcome !== 'interrupted') return undefined
  const at = run.stoppedAt === undefined ? 'before its first change' : `at ${run.stoppedAt}`
  return `the last run stopped ${at} (${run.changesDone} of ${run.changes} changes done): going on`
}

function readRun(file: string): LastRun | undefined {
  const lines = readLines(file)
  const start = lines.find((line) => line.event === 'run')
  if (!start) return undefined
  const end = lines.find((line) => line.event === 'end')
  const { task, target, changes } = start
  return {
    task,
    target,
    startedAt: start.time,
    outcome: end?.outcome ?? 'interrupted',
    seconds: end?.seconds,
    changes,
    changesDone: lines.filter((line) => line.event === 'done').length,
    stoppedAt: lines.findLast((line) => line.event === 'started')?.step,
    steps: stepsOf(lines),
  }
}

function stepsOf(lines: Line[]): LastRun['steps'] {
  const steps = lines.filter((line) => line.event === 'step')
  return steps.map(({ event: _, time: __, step, ...rest }) => ({ name: step, ...rest }))
}

type Line = JournalEvent & { time: string }

// A killed run leaves half a line at the end; a file that is gone by now tells nothing.
function readLines(file: string): Line[] {
  try {
    return readFileSync(file, 'utf8').split('\n').flatMap(readLine)
  } catch {
    return []
  }
}

function readLine(text: string): Line[] {
  try {
    const line = JSON.parse(text)
    return typeof line?.event === 'string' ? [line] : []
  } catch {
    return []
  }
}
