import { durationText } from '../cli/terminal/clock.ts'
import type { Paint } from '../cli/terminal/colours.ts'
import { printable, width } from '../cli/terminal/screen-text.ts'
import { backupRows, certificateLines, etcdRows } from './control-plane.ts'
import { directoryRows, syncRows } from './machines.ts'
import type { Status, VolumeGroup } from './model.ts'
import { addonNote, addonWord, bytesText, nodeWord, runWords, stateWord, volumeWords } from './words.ts'

/** Lists longer than this are cut; --json has all. */
const listed = 10

/** The status for people. Pure. */
export function statusText(status: Status, paint: Paint): string {
  const sections: [title: string, lines: string[]][] = [
    ['Nodes', nodeLines(status)],
    ['etcd', table(etcdRows(status))],
    ['Backups', table(backupRows(status))],
    ['Certificates', table(certificateLines(status))],
    ['Workloads', workloadLines(status)],
    ['Load balancers', loadBalancerLines(status)],
    ['Volumes', volumeLines(status)],
    ['Claims that wait', cut(claimLines(status))],
    ['Directories on the machines', table(directoryRows(status))],
    ['Synchronised folders', table(syncRows(status))],
    ['Add-ons', addonLines(status)],
    ['Retired', retiredLines(status)],
    ['Last run', runLines(status)],
    ['To look at', cut(status.problems.map((problem) => `  ${paint('yellow', printable(problem))}`))],
  ]
  const filled = sections.filter(([, lines]) => lines.length > 0)
  const text = filled.flatMap(([title, lines]) => ['', paint('bold', title), ...lines])
  return [headLine(status), ...simulatedLine(status), ...text, ''].join('\n')
}

function headLine({ target, kubernetes: { running, configured } }: Status): string {
  const other = running === configured ? '' : ` (the configuration says ${configured})`
  return `${printable(target)}, Kubernetes ${running}${other}`
}

function simulatedLine({ simulated }: Status): string[] {
  return simulated
    ? ['simulated: no real machine stands behind any node, readiness, address or binding below']
    : []
}

function nodeLines({ nodes }: Status): string[] {
  return table(
    nodes.map((node) => [
      node.name,
      nodeWord(node),
      node.roles.join(',') || '-',
      node.version || '-',
      node.addresses.join(',') || '-',
      node.state === 'missing' ? '' : `${node.pods.used} pods`,
      node.reason ?? '',
    ]),
  )
}

function workloadLines({ workloads }: Status): string[] {
  return table(
    workloads.map((workload) => [
      workload.namespace,
      `${workload.kind} ${workload.name}`,
      `${workload.ready}/${workload.wanted}`,
      stateWord(workload),
      workload.reason,
    ]),
  )
}

function loadBalancerLines({ loadBalancers }: Status): string[] {
  return table(
    loadBalancers.map(({ namespace, name, addresses, simulated }) => {
      const address = addresses.join(', ') || 'no address'
      return [namespace, name, simulated && addresses.length > 0 ? `${address} (simulated)` : address]
    }),
  )
}

function volumeLines({ volumes: { groups, boundClaims, simulated } }: Status): string[] {
  if (groups.length === 0) return []
  const note = simulated ? ' (simulated)' : ''
  return [
    ...table(
      groups.map((group) => [group.node ?? 'any node', group.name, volumeWords(group), sizeWords(group)]),
    ),
    `  ${boundClaims} claims bound${note}`,
  ]
}

function sizeWords({ bytes, boundBytes }: VolumeGroup): string {
  return `${bytesText(boundBytes)} of ${bytesText(bytes)} bound`
}

function claimLines({ volumes: { pendingClaims } }: Status): string[] {
  return table(
    pendingClaims.map(({ namespace, name, size, storageClass, reason }) => [
      `${namespace}/${name}`,
      size,
      storageClass || '-',
      reason,
    ]),
  )
}

function addonLines({ addons }: Status): string[] {
  return table(addons.map((addon) => [addon.name, addon.running ?? '-', addonWord(addon), addonNote(addon)]))
}

function retiredLines({ addons }: Status): string[] {
  return addons.flatMap(({ retired, state }) =>
    retired && state !== 'switched off'
      ? [`  ${retired.reason} (since ${retired.since})`, `  the way on: ${retired.successor}`]
      : [],
  )
}

function runLines({ lastRun }: Status): string[] {
  if (!lastRun) return ['  none is recorded']
  const rows = lastRun.steps.map(({ name, seconds, changed }) => [
    name,
    durationText(seconds),
    changed > 0 ? `${changed} changed` : '',
  ])
  return [`  ${printable(runWords(lastRun))}`, ...table(rows)]
}

function cut(lines: string[]): string[] {
  const more = lines.length - listed
  return more > 0 ? [...lines.slice(0, listed), `  … and ${more} more: --json has all`] : lines
}

// What the server or a user's object says may hold what moves the cursor.
function table(rows: string[][]): string[] {
  const clean = rows.map((row) => row.map((cell) => printable(cell).replaceAll('\n', ' ')))
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => width(row[column]!))))
  return clean.map((row) => {
    const cells = row.map((cell, column) => cell + ' '.repeat(widths[column]! - width(cell)))
    return `  ${cells.join('  ')}`.trimEnd()
  })
}
