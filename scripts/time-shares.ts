import { readFileSync } from 'node:fs'
import type { ChangeReport, Report } from '../tasks/lib/cli/plan/report.ts'

const usage = `What an install spends its time on: tasks install --yes --json >report.json; npx tsx scripts/time-shares.ts report.json`

/** What a change spends its time on, first match wins; all others are this tool's own. */
const kinds: [name: string, isOf: (change: ChangeReport) => boolean][] = [
  ['kubeadm', ({ step }) => ['cluster-init', 'control-planes', 'workers'].includes(step)],
  [
    'copies',
    ({ step, title }) => ['node-software', 'node-images'].includes(step) && /: (install|send) /.test(title),
  ],
  ['packages', ({ title }) => /: install /.test(title)],
  ['cryptsetup', ({ title }) => /LUKS|open logical volume|recovery passphrase/.test(title)],
  ['waits for readiness', ({ step }) => ['endpoint-settled', 'serving-certificates'].includes(step)],
]

/** Seconds by kind: of changes that ran side by side each counts in full; the plan is ours, the checks at the end wait. */
export function timeShares({
  changes,
  planSeconds,
  verification,
}: Pick<Report, 'changes' | 'planSeconds'> & { verification?: { seconds: number } }): Map<string, number> {
  const shares = new Map(kinds.map(([name]) => [name, 0]))
  const add = (name: string, seconds: number) => shares.set(name, (shares.get(name) ?? 0) + seconds)
  add('all else', planSeconds)
  for (const change of changes) {
    const [name] = kinds.find(([, isOf]) => isOf(change)) ?? ['all else']
    add(name, change.seconds ?? 0)
  }
  add('waits for readiness', verification?.seconds ?? 0)
  return shares
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

if (import.meta.filename === process.argv[1]) {
  const [file] = process.argv.slice(2)
  if (!file) {
    console.error(usage)
    process.exitCode = 64
  } else console.log(sharesText(timeShares(JSON.parse(readFileSync(file, 'utf8')) as Report)))
}
