import { readFileSync } from 'node:fs'
import { TaskError } from '../tasks/lib/cli/errors.ts'
import type { ChangeReport, Report } from '../tasks/lib/cli/plan/report.ts'
import { findingText } from '../tasks/lib/cli/terminal/finding-text.ts'

const usage = 'tasks install --yes --json >report.json; npx tsx scripts/time-shares.ts report.json'

const waits = 'waits for readiness'

/** What a change spends its time on, first match wins; all others are this tool's own. */
const kinds: [name: string, isOf: (change: ChangeReport) => boolean][] = [
  ['kubeadm', ({ step }) => ['cluster-init', 'control-planes', 'workers'].includes(step)],
  [
    'copies',
    ({ step, title }) => ['node-software', 'node-images'].includes(step) && /: (install|send) /.test(title),
  ],
  ['packages', ({ title }) => /: install /.test(title)],
  ['cryptsetup', ({ title }) => /LUKS|open logical volume|recovery passphrase/.test(title)],
  // A unit is started, and watched until it stays.
  [
    waits,
    ({ step, title }) =>
      ['endpoint-settled', 'serving-certificates'].includes(step) ||
      /: (enable and )?start .+\.\w+$/.test(title),
  ],
]

/**
 * Wall-clock seconds by kind. A moment counts once: for the first kind of the list that has a change under way, and
 * where none has, it is ours: plans, gates between steps, our own changes. The checks at the end wait.
 */
export function timeShares(report: Timed): Map<string, number> {
  const spans = spansOf(report)
  const ends = new Set([0, report.seconds, ...spans.flatMap(({ from, to }) => [from, to])])
  const moments = [...ends].sort((one, other) => one - other)
  const shares = new Map([...kinds.map(([name]) => name), ours].map((name) => [name, 0]))
  for (const [index, to] of moments.entries()) {
    if (index === 0) continue
    const from = moments[index - 1]!
    const atWork = new Set(spans.filter((span) => span.from <= from && span.to >= to).map(({ kind }) => kind))
    const kind = kinds.find(([name]) => atWork.has(name))?.[0] ?? ours
    shares.set(kind, shares.get(kind)! + to - from)
  }
  return shares
}

interface Timed extends Pick<Report, 'seconds' | 'changes'> {
  verification?: { seconds: number }
}

const ours = 'all else'

function spansOf({ seconds, changes, verification }: Timed): { kind: string; from: number; to: number }[] {
  const spans = changes.flatMap((change) => {
    const kind = kinds.find(([, isOf]) => isOf(change))?.[0]
    const { after, seconds: took } = change
    return kind && after !== undefined && took !== undefined ? [{ kind, from: after, to: after + took }] : []
  })
  const checks = { kind: waits, from: seconds - (verification?.seconds ?? 0), to: seconds }
  return [...spans, checks]
}

/** The same as a table of seconds and per cent. */
export function sharesText(shares: ReadonlyMap<string, number>): string {
  const sum = [...shares.values()].reduce((total, seconds) => total + seconds, 0)
  const rows = [...shares].map(([name, seconds]) => {
    const percent = sum === 0 ? 0 : (100 * seconds) / sum
    return `${name.padEnd(20)} ${seconds.toFixed(1).padStart(8)} s ${percent.toFixed(1).padStart(5)} %`
  })
  return rows.join('\n')
}

/** The report that an install printed into a file; a TaskError where it cannot be read or holds something else. */
export function readReport(file: string): Report {
  const said = parsed(textOf(file))
  if (isReport(said)) return said
  throw new TaskError(`${file} holds no report of an install`, { hint: usage })
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new TaskError(`${file} cannot be read: ${(cause as Error).message}`, { hint: usage, cause })
  }
}

// What is no JSON is no report either, and that is all there is to say of it.
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isReport(value: unknown): value is Report {
  const { changes, seconds } = (value ?? {}) as Partial<Report>
  return Array.isArray(changes) && typeof seconds === 'number'
}

/** Prints the table of the file that is named; gives the exit code, as sysexits.h has them. */
function main([file]: string[]): number {
  if (!file) {
    console.error(`what an install spends its time on: ${usage}`)
    return 64
  }
  try {
    console.log(sharesText(timeShares(readReport(file))))
    return 0
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    console.error(error.findings.map((finding) => findingText(finding)).join('\n'))
    return 66
  }
}

if (import.meta.filename === process.argv[1]) process.exitCode = main(process.argv.slice(2))
