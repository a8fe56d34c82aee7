import { renewedFiles } from '../../node/certificates/kubeadm-certificates.ts'
import type { KubernetesSurvey } from '../../node/kubeadm/kubernetes-state.ts'
import { externalEtcdFolder, kubeletClientCertificate } from '../../node/kubeadm/paths.ts'

/** A certificate as `certs --json` gives it. */
export interface CertificateRow {
  node: string
  file: string
  expires: Date
  /** Whole days; negative once it has expired. */
  daysLeft: number
  state: 'good' | 'ends soon' | 'expired'
  /** Who gives it anew: a command, "the kubelet" by itself, or nobody: the whole cluster trusts it. */
  renewedBy: string
}

/** All certificates of all nodes, those that end first before the others. */
export function certificateRows(
  { states }: Pick<KubernetesSurvey, 'states'>,
  { now, withinDays }: { now: Date; withinDays: number },
): CertificateRow[] {
  const rows = [...states].flatMap(([node, { certificates }]) =>
    certificates.map(({ file, expires }): CertificateRow => {
      const daysLeft = Math.floor((expires.getTime() - now.getTime()) / 86_400_000)
      const state = expires <= now ? 'expired' : daysLeft < withinDays ? 'ends soon' : 'good'
      return { node, file, expires, daysLeft, state, renewedBy: renewedBy(file, state) }
    }),
  )
  return rows.sort(
    (one, other) =>
      one.expires.getTime() - other.expires.getTime() ||
      one.node.localeCompare(other.node) ||
      one.file.localeCompare(other.file),
  )
}

/** The same as a table for people. */
export function certificateTable(rows: readonly CertificateRow[]): string {
  const table = [
    ['NODE', 'CERTIFICATE', 'UNTIL', 'DAYS', 'STATE', 'RENEWED BY'],
    ...rows.map(({ node, file, expires, daysLeft, state, renewedBy }) => [
      ...[node, file, expires.toISOString().slice(0, 10), String(daysLeft), state, renewedBy],
    ]),
  ]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map((row) => row.map((cell, column) => cell.padEnd(widths[column]!)).join('  '))
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

// A kubelet that cannot log in cannot ask for another certificate either.
function renewedBy(file: string, state: CertificateRow['state']): string {
  const isLost = state === 'expired' && file === kubeletClientCertificate
  if (isLost || renewedFiles.some((one) => one.file === file)) return 'tasks certs:renew'
  if (file.startsWith('/var/lib/kubelet/') || file.endsWith('/kubelet.conf')) return 'the kubelet'
  if (/(^|[/-])ca\.crt$/.test(file)) return 'nobody'
  return file.startsWith(externalEtcdFolder) ? 'tasks install' : '-'
}
