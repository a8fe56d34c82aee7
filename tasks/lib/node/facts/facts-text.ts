import { durationText } from '../../cli/terminal/clock.ts'
import type { ClockFacts, Facts } from './facts.ts'
import type { Gathered } from './gather.ts'

const head = [
  'NODE',
  'ADDRESS',
  'SYSTEM',
  'KERNEL',
  'CPUS',
  'MEMORY',
  'FREE IN GROUPS',
  'UP',
  'KUBELET',
  'TO LOOK AT',
]

/** All machines as a table for people. */
export function factsTable(gathered: Gathered[]): string {
  const rows = gathered.map((one) =>
    'facts' in one ? [one.machine.name, ...cells(one.facts)] : [one.machine.name, '-', 'no answer'],
  )
  const table = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  return table
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('')
}

function cells(facts: Facts): string[] {
  const { addresses, os, kernel, cpus, memoryBytes, volumeGroups, uptimeSeconds, kubelet } = facts
  const groups = volumeGroups.map(({ name, freeBytes }) => `${name} ${gibibytes(freeBytes)}`)
  return [
    addresses[0] ?? '-',
    os.name.replace(/ GNU\/Linux| \(.*\)/g, ''),
    kernel,
    cpus === undefined ? '-' : String(cpus),
    memoryBytes === undefined ? '-' : gibibytes(memoryBytes),
    groups.join(', ') || '-',
    uptimeSeconds === undefined ? '-' : upText(uptimeSeconds),
    kubelet ?? '-',
    remarks(facts).join(', '),
  ]
}

function upText(seconds: number): string {
  const days = Math.floor(seconds / 86_400)
  return days > 0 ? `${days}d` : durationText(seconds)
}

/** "15.6 GiB" */
export function gibibytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GiB`
}

/** What somebody should know of a machine beside its numbers. */
export function remarks({ rebootRequired, swap, cgroup, clock }: Facts): string[] {
  return [
    ...(rebootRequired ? ['needs a reboot'] : []),
    ...(swap.length > 0 ? ['swap is on'] : []),
    ...(cgroup === 1 ? ['cgroup v1'] : []),
    ...(isClockOff(clock) ? [clockText(clock)] : []),
  ]
}

/** Whether a clock is surely off by more than a second: etcd warns of that, certificates fail of more. */
export function isClockOff({ aheadSeconds, uncertainSeconds }: ClockFacts): boolean {
  return Math.abs(aheadSeconds) - uncertainSeconds > 1
}

/** "clock 42s ahead" */
export function clockText({ aheadSeconds }: ClockFacts): string {
  return `clock ${durationText(Math.abs(aheadSeconds))} ${aheadSeconds > 0 ? 'ahead' : 'behind'}`
}
