import { etcdctl } from '../etcd-members/access.ts'
import { recordCommands } from './host-state.ts'
import { clientUrl, type HostMember, hostFiles } from './member.ts'

/** etcdctl on a host, asking these members. */
export function hostEtcdctl(members: readonly HostMember[]): string {
  const endpoints = members.map(clientUrl)
  return etcdctl({ endpoint: endpoints[0]!, files: hostFiles }, { endpoints })
}

/** Waits for three minutes until the member here takes part in decisions, then records that it did. */
export function upCommands(member: HostMember, cluster: string): string[] {
  const health = `${hostEtcdctl([member])} endpoint health`
  return [
    'tries=0\n' +
      `until said=$(${health} 2>&1); do\n` +
      '  tries=$((tries + 1))\n' +
      `  if [ "$tries" -ge 180 ]; then\n` +
      `    printf '%s\\n' "$said" >&2\n` +
      `    journalctl -q -n 5 --no-pager -o cat -u etcd.service >&2 || :\n` +
      '    exit 1\n' +
      '  fi\n' +
      '  sleep 1\n' +
      'done',
    ...recordCommands(cluster, 'up'),
  ]
}

/** Ends with 1 unless all of these members answer: with one more away, too few would be left. */
export function othersGuard(others: readonly HostMember[]): string[] {
  return others.length > 0 ? [`${hostEtcdctl(others)} endpoint health`] : []
}
