import type { Change } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import type { MemberState } from '../../../node/etcd-backup/restore/member-state.ts'
import { runAction } from '../../../node/plan/run-action.ts'
import type { OpenedSet } from '../opened-set.ts'

/** Asks the restored API server whether it is the cluster of the backup, and whether it can read every Secret. */
export function restoredCheck(member: MemberState, { manifest }: Pick<OpenedSet, 'manifest'>): Change {
  const { machine, server } = member
  const api = `kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://${server} --request-timeout 60s`
  const commands = [
    `${api} get namespace kube-system -o 'jsonpath={.metadata.uid}'`,
    `${api} get secrets --all-namespaces -o name >/dev/null`,
  ]
  const action = { action: 'run' as const, title: 'ask for the restored cluster', commands }
  const check = async () => {
    let uid = ''
    const output = (stdout: string) => {
      uid = stdout.trim()
    }
    await runAction(machine, { ...action, output })
    if (uid === manifest.kubeSystemUid) return
    throw new TaskError(
      `the restored cluster is another one: kube-system has UID ${uid}, not ${manifest.kubeSystemUid}`,
    )
  }
  return {
    action: 'run',
    title: `${machine.label}: ask for the UID of kube-system, and read every Secret`,
    target: `${machine.label}: the restored cluster`,
    ...{ before: [], after: [], commands, lane: machine.name },
    run: check,
    verify: async () => {},
  }
}
