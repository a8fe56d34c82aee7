import type { Change } from '../change.ts'
import type { Finding } from '../errors.ts'
import type { Output } from '../output.ts'
import { durationText } from '../terminal/clock.ts'
import type { Outcome } from './journal.ts'
import { numbered } from './plan-counts.ts'
import type { Verification } from './verify.ts'

/** What a run did. */
export interface Report {
  target: string
  outcome: Outcome
  seconds: number
  /** Of the seconds, those that computing the plan took. */
  planSeconds: number
  changes: ChangeReport[]
  steps: StepReport[]
  verification?: Verification
}

export interface ChangeReport extends Pick<Change, 'target' | 'action' | 'title' | 'simulated'> {
  step: string
  result: 'done' | 'failed' | 'not done'
  /** Seconds from the begin of the run until this change began. */
  after?: number
  seconds?: number
  findings?: Finding[]
}

/** What a step took: its changes and its gates. */
export interface StepReport {
  name: string
  title: string
  seconds: number
  changed: number
  unchanged: number
}

/** Lists longer than this are cut; the journal has all. */
const listed = 10

/** Prints what was done and what was not, the time of each step, and what comes next. */
export function printReport(report: Report, { output, again }: { output: Output; again: string }): void {
  output.heading(headText(report))
  for (const line of timeLines(report)) output.line(line)
  if (report.outcome === 'done') printSimulated(report, output)
  else {
    printUnfinished(report, output)
    output.line('run the same command again: it goes on from here')
    output.next(again)
  }
}

/** What --json prints for a run. */
export function reportJson({ verification, ...report }: Report) {
  const { findings = [], ...verified } = verification ?? {}
  return { ...report, verification: verification && verified, findings }
}

function headText({ outcome, seconds, changes, steps, verification }: Report): string {
  const time = durationText(seconds)
  const done = changes.filter((change) => change.result === 'done').length
  const unchanged = steps.reduce((count, step) => count + step.unchanged, 0)
  if (outcome === 'done') return `Done in ${time}: ${numbered(done, 'change')}, ${unchanged} unchanged`
  const made = `${done} of ${numbered(changes.length, 'change')} done`
  const late = verification?.failed ? `, ${numbered(verification.failed, 'object')} not ready` : ''
  return `${outcome === 'failed' ? 'Failed' : 'Stopped'} after ${time}: ${made}${late}`
}

function timeLines({ planSeconds, steps, verification }: Report): string[] {
  const rows = steps.map(({ name, seconds, changed, unchanged }) => [
    name,
    durationText(seconds),
    `${changed} changed`,
    `${unchanged} unchanged`,
  ])
  if (planSeconds > 0) rows.unshift(['plan', durationText(planSeconds), '', ''])
  if (verification) {
    const { ready, simulated } = verification
    rows.push(['verify', durationText(verification.seconds), `${ready} ready`, `${simulated} simulated`])
  }
  const widths = [0, 1, 2, 3].map((column) => Math.max(0, ...rows.map((row) => row[column]!.length)))
  return rows.map(([name, ...cells]) => {
    const aligned = cells.map((cell, index) => cell.padStart(widths[index + 1]!))
    return `  ${[name!.padEnd(widths[0]!), ...aligned].join('  ').trimEnd()}`
  })
}

function printSimulated({ verification }: Report, output: Output): void {
  if (!verification || verification.simulated === 0) return
  const { simulated, ready } = verification
  output.line(`simulated: no real machine stands behind ${simulated} of ${ready} ready`)
}

function printUnfinished(report: Report, output: Output): void {
  const by = (result: ChangeReport['result']) => report.changes.filter((change) => change.result === result)
  printList('done', { titles: by('done').map(({ title }) => title), output })
  for (const change of by('failed')) {
    output.line(`failed: ${change.title}`)
    output.findings(change.findings ?? [])
  }
  output.findings(report.verification?.findings ?? [])
  printList('not done', { titles: by('not done').map(({ title }) => title), output })
}

function printList(name: string, { titles, output }: { titles: string[]; output: Output }): void {
  if (titles.length === 0) return
  output.line(`${name}:`)
  for (const title of titles.slice(0, listed)) output.line(`  ${title}`)
  if (titles.length > listed) output.line(`  … and ${titles.length - listed} more`)
}
