import { etcdFolder } from '../kubeadm/paths.ts'
import { recordCommands } from './host-state.ts'

/** A member of etcd on a host of its own. */
export interface HostMember {
  /** The name of its node. */
  name: string
  address: string
}

/** A cluster of etcd on hosts of its own. */
export interface HostCluster {
  /** A random word that no other cluster has. */
  id: string
  /** All members of the configuration. */
  members: readonly HostMember[]
}

export const etcdSettings = '/etc/etcd'
export const etcdPki = `${etcdSettings}/pki`

/** What a member is told of the others for its first start; later it knows them by its data. */
export const initialFile = `${etcdSettings}/initial.env`

/** How etcd on a host logs in to the others, and who works on that host. */
export const hostFiles = {
  ca: `${etcdPki}/ca.crt`,
  cert: `${etcdPki}/server.crt`,
  key: `${etcdPki}/server.key`,
}

/** "https://10.0.0.31:2379" */
export function clientUrl({ address }: Pick<HostMember, 'address'>): string {
  return urlOf(address, 2379)
}

/** "https://10.0.0.31:2380" */
export function peerUrl({ address }: Pick<HostMember, 'address'>): string {
  return urlOf(address, 2380)
}

function urlOf(address: string, port: number): string {
  return `https://${address.includes(':') ? `[${address}]` : address}:${port}`
}

/** Commands of a first start, once initial.env is there. Type=notify: systemd would wait until etcd has a leader. */
export function startCommands(cluster: string): string[] {
  return [
    `if ! test -d ${etcdFolder}; then install -d -m 0700 ${etcdFolder}; fi`,
    `chmod 0700 ${etcdFolder}`,
    `chown etcd:etcd ${etcdFolder}`,
    ...recordCommands(cluster, 'begun'),
    'systemctl daemon-reload',
    'systemctl enable etcd.service',
    'systemctl start --no-block etcd.service',
  ]
}
