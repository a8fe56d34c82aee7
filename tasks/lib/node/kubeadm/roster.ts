import type { Finding } from '../../cli/errors.ts'
import { etcdctl, stackedFiles } from '../etcd-members/access.ts'
import { kubectl } from './tokens.ts'

/** A machine that a cluster may know already. */
export interface Newcomer {
  name: string
  label: string
  /** Where its own etcd would be found by others: "https://10.0.0.12:2380". */
  peerUrl?: string
}

const listMembers = `${etcdctl({ endpoint: 'https://127.0.0.1:2379', files: stackedFiles })} member list -w simple`

/**
 * Shell functions for scripts on a control plane, which print whom its cluster knows, one on each line: `nodes` prints
 * "node/cp1", `members` prints "member/https://10.0.0.11:2380". Members that were announced and never started are none.
 */
export const rosterFunctions = `nodes() { timeout 15 ${kubectl} get nodes -o name --cache-dir /dev/null; }
members() {
  members=$(${listMembers}) || return
  printf '%s\\n' "$members" | sed -n 's/^[^,]*, started, [^,]*, \\([^ ]*\\), .*/\\1/p' | tr , '\\n' | sed 's|^|member/|'
}`

/** The lines of a roster that stand for a machine. */
export function linesOf({ name, peerUrl }: Newcomer): string[] {
  return [`node/${name}`, ...(peerUrl ? [`member/${peerUrl}`] : [])]
}

/**
 * Why a machine that nothing of a cluster is on does not join: the cluster knows another machine in its place. kubeadm
 * would take over a Node that is not ready, and a member of etcd whose data are lost: etcd then never comes up.
 */
export function replacedMachine(newcomer: Newcomer, roster: readonly string[]): Finding | undefined {
  const known = linesOf(newcomer).find((line) => roster.includes(line))
  if (!known) return undefined
  const { name, label, peerUrl } = newcomer
  const what = known.startsWith('node/')
    ? `the cluster has a node ${name}`
    : `etcd has a member at ${peerUrl}`
  return {
    severity: 'error',
    message: `${what} already, and ${label} is not the machine that it was`,
    hint: `tasks node:rebuild ${label}`,
  }
}
