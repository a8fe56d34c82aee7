import type { Finding } from '../../cli/errors.ts'
import { etcdFolder } from '../kubeadm/paths.ts'
import { type HostState, memberRecord } from './host-state.ts'

/** Why nothing may be done with etcd on a host: its data and what is recorded of them do not go together. */
export function hostRefusal(
  { hasData, record }: HostState,
  { cluster, node }: { cluster: string; node: string },
): Finding | undefined {
  if (record && record.cluster !== cluster)
    return {
      severity: 'error',
      message: `it is recorded as a member of another etcd: ${memberRecord} names ${record.cluster}, not ${cluster}`,
      hint: `is it the right machine? Then move ${etcdFolder} and ${memberRecord} away: they are never deleted`,
    }
  if (hasData && !record)
    return {
      severity: 'error',
      message: `${etcdFolder} has the data of an etcd that this tool did not start`,
      hint: `look at it, and move it away if it is not needed: mv ${etcdFolder} ${etcdFolder}.old`,
    }
  if (!hasData && record?.isUp)
    return {
      severity: 'error',
      message: `its member of etcd has voted before, and ${etcdFolder}/member is not there now`,
      hint: `is its volume mounted? If the data are lost: tasks node:rebuild ${node}`,
    }
  return undefined
}

/** The same right before something is changed, as a command that ends with 1 then. */
export function hostGuard(cluster: string): string {
  return `record=$(cat ${memberRecord} 2>/dev/null || :)
case $record in
  '') if test -e ${etcdFolder}/member; then echo 'data of an etcd that this tool did not start' >&2; exit 1; fi ;;
  '${cluster} begun') ;;
  '${cluster} up') if ! test -e ${etcdFolder}/member; then echo 'the data of its member are gone' >&2; exit 1; fi ;;
  *) echo "recorded as a member of another etcd: $record" >&2; exit 1 ;;
esac`
}
