import { quote } from '../../cli/process/quote.ts'
import { type EtcdAccess, etcdctl } from './access.ts'
import { type EtcdMember, healthOf } from './member.ts'

interface MemberChange {
  access: Pick<EtcdAccess, 'endpoint' | 'files'>
  /** As the plan saw them. */
  members: readonly EtcdMember[]
}

/**
 * Takes a member out of etcd. Right before, every other member that the sum counted on must answer, and the member must
 * be the one that was looked at; it ends well where the member has gone already.
 */
export function removalCommands(member: EtcdMember, { access, members }: MemberChange): string[] {
  const others = members.filter((one) => one.id !== member.id && healthOf(one) === 'healthy')
  const endpoints = others.flatMap(({ clientUrls }) => clientUrls.slice(0, 1))
  const through = etcdctl(access, { endpoints })
  const line = `^${member.id}, [a-z]*, [^,]*, ${member.peerUrls.join(',')},`
  return [
    `${through} endpoint health`,
    `listed=$(${through} member list -w simple)`,
    `if printf '%s\\n' "$listed" | grep -q ${quote(`^${member.id},`)}; then\n` +
      `  printf '%s\\n' "$listed" | grep -q ${quote(line)}\n` +
      `  ${through} member remove ${member.id}\nfi`,
  ]
}

/** Adds a member that copies first and votes later, unless one of that address is there already. */
export function learnerCommands(
  { name, peerUrl }: { name: string; peerUrl: string },
  { access, members }: MemberChange,
): string[] {
  const endpoints = healthyEndpoints(members)
  const through = etcdctl(access, { endpoints })
  return [
    `${through} endpoint health`,
    `listed=$(${through} member list -w simple)`,
    `if ! printf '%s\\n' "$listed" | grep -qF ${quote(` ${peerUrl},`)}; then\n` +
      `  ${through} member add ${quote(name)} --learner --peer-urls=${quote(peerUrl)}\nfi`,
  ]
}

/** Gives the member of that address its vote: tried until it has caught up, for two minutes. */
export function promoteCommands(peerUrl: string, { access, members }: MemberChange): string[] {
  const through = etcdctl(access, { endpoints: healthyEndpoints(members) })
  return [
    'tries=0\n' +
      'while :; do\n' +
      `  line=$(${through} member list -w simple | grep -F ${quote(` ${peerUrl},`)})\n` +
      '  case $line in *", false") break ;; esac\n' +
      `  if ${through} member promote "\${line%%,*}"; then break; fi\n` +
      '  tries=$((tries + 1))\n' +
      '  if [ "$tries" -ge 120 ]; then exit 1; fi\n' +
      '  sleep 1\n' +
      'done',
  ]
}

function healthyEndpoints(members: readonly EtcdMember[]): string[] {
  return members
    .filter((member) => healthOf(member) === 'healthy' && !member.isLearner)
    .flatMap(({ clientUrls }) => clientUrls.slice(0, 1))
}
