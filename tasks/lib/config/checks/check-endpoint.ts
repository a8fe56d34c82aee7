import type { Finding } from '../../cli/errors.ts'
import { type Checked, placeOfVariable } from '../cluster-file/places.ts'
import type { Endpoint } from '../kubeadm-model.ts'
import { isAddress, normalAddress } from './addresses.ts'

/** An endpoint that nobody can hold, etcd in two places, and backups that go nowhere. */
export function checkEndpoint(checked: Checked): Finding[] {
  return [...checkHolder(checked), ...checkEtcd(checked), ...checkBackups(checked)]
}

function checkHolder(checked: Checked): Finding[] {
  const { endpoint, nodes } = checked.config.cluster
  const place = checked.places.get('endpoint.provider') ?? placeOfVariable(checked, 'K8S_ENDPOINT')
  const error = (message: string, hint: string): Finding => ({ severity: 'error', ...place, message, hint })
  if (!endpoint) {
    if (!checked.places.has('endpoint.provider')) return []
    return [error('the endpoint has no address', 'for example address: 192.168.1.10:6443')]
  }
  const { provider, host, port } = endpoint
  if (provider === 'external') return []
  if (!isAddress(host))
    return [error(`${provider} holds an address, and ${host} is a name`, `address: 192.168.1.10:${port}`)]
  const owner = nodes.find(({ address }) => address && normalAddress(address) === normalAddress(host))
  if (owner)
    return [
      error(
        `${provider} holds an address that no machine has, and ${host} is that of ${owner.name}`,
        'a free address of the same network',
      ),
    ]
  return checkPort({ provider, host, port }, error)
}

function checkPort(
  { provider, host, port }: Pick<Endpoint, 'provider' | 'host' | 'port'>,
  error: (message: string, hint: string) => Finding,
): Finding[] {
  if (provider === 'keepalived' && port === 6443)
    return [
      error('keepalived and HAProxy run beside the API server, which has port 6443', `address: ${host}:8443`),
    ]
  if (provider === 'kube-vip' && port !== 6443)
    return [error(`kube-vip leads to the API server itself: port 6443, not ${port}`, `address: ${host}:6443`)]
  return []
}

function checkEtcd(checked: Checked): Finding[] {
  const { nodes } = checked.config.cluster
  const members = nodes.filter(({ roles }) => roles.includes('etcd'))
  const own = members.filter(({ roles }) => !roles.includes('control-plane'))
  const both = members.filter(({ roles }) => roles.includes('control-plane'))
  if (own.length === 0 || both.length === 0) return []
  const place = both[0]!.place
  const message = `etcd is on hosts of its own (${namesOf(own)}) and on control planes (${namesOf(both)})`
  return [{ severity: 'error', ...place, message, hint: 'choose one: take the role etcd from the others' }]
}

function checkBackups({ config, places }: Checked): Finding[] {
  return config.cluster.backup.to.flatMap((place, index) => {
    const ways = (['folder', 'ssh', 's3'] as const).filter((way) => place[way] !== undefined)
    if (ways.length === 1) return []
    const message = `backup.to[${index}] names ${ways.length === 0 ? 'no place' : ways.join(' and ')}, expected one of folder, ssh, s3`
    const hint = 'for example to: [{ folder: /mnt/backup }, { ssh: backup@nas:/srv/backup }]'
    return [{ severity: 'error' as const, ...places.get(`backup.to[${index}]`), message, hint }]
  })
}

function namesOf(nodes: { name: string }[]): string {
  return nodes.map(({ name }) => name).join(', ')
}
