import type { Cluster, ClusterNode, KeyServer } from '../../config/model.ts'
import { firstLabel } from '../../config/nodes.ts'
import { sshTarget } from '../etcd-backup/place-address.ts'

/** One SSH server as this run reaches it. */
export interface SshHost {
  /** As the configuration and known_hosts name it; the operator's own ~/.ssh/config may have it too. */
  name: string
  /** What people call it: "kube1". */
  label: string
  /** Where not given, the name is looked up. */
  address?: string
  user?: string
  port?: number
  /** Name of the host to go through. */
  via?: string
  /** The line of cluster.yaml that can say where it is. */
  setting: string
}

type Reached = Pick<Cluster, 'ssh'>

/** A node as an SSH server. */
function nodeHost(node: ClusterNode, { ssh }: Reached): SshHost {
  const { name, address, user = ssh.user, port = ssh.port } = node
  const setting = `nodes: [{ name: ${name}, address: … }]`
  return throughBastion({ name, label: firstLabel(name), address, user, port, setting }, { ssh })
}

/** The key server as an SSH server. */
function keyServerHost({ host, address, user, port }: KeyServer, { ssh }: Reached): SshHost {
  const label = labelOf(host)
  const setting = `keyServer: { host: ${host}, address: … }`
  const reached = { name: host, label, address, user: user ?? ssh.user, port: port ?? ssh.port, setting }
  return throughBastion(reached, { ssh })
}

/** The host to go through, of "user@host:port" or "[address]:port". */
export function bastionHost({ ssh }: Reached): SshHost | undefined {
  const [, user, bracketed, plain, port] =
    /^(?:(.+)@)?(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(ssh.bastion ?? '') ?? []
  const name = bracketed ?? plain
  if (name === undefined) return undefined
  const setting = 'ssh: { bastion: USER@ADDRESS:PORT }'
  return { name, label: name, user: user ?? ssh.user, ...(port && { port: Number(port) }), setting }
}

// A node may be the bastion itself: it is then reached directly.
function throughBastion(host: SshHost, reached: Reached): SshHost {
  const bastion = bastionHost(reached)
  const isItself = bastion?.name === host.name || bastion?.name === host.address
  return bastion && !isItself ? { ...host, via: bastion.name } : host
}

/** A server that backups are copied to; nodes log in there, this machine only looks at its key. */
function backupHost(place: string | undefined, reached: Reached): SshHost[] {
  const target = place === undefined ? undefined : sshTarget(place)
  if (!target) return []
  const { host: name, user, port } = target
  const setting = `backup: { to: [{ ssh: ${place} }] }`
  return [throughBastion({ name, label: labelOf(name), user, port, setting }, reached)]
}

function labelOf(host: string): string {
  return /^[\d.:]+$/.test(host) ? host : firstLabel(host)
}

/** Every host of the configuration: nodes, the key server, servers of backups, and the bastion first. */
export function hostsOf(
  cluster: Pick<Cluster, 'ssh' | 'nodes' | 'keyServer'> & Partial<Pick<Cluster, 'backup'>>,
): SshHost[] {
  const { nodes, keyServer, backup } = cluster
  const bastion = bastionHost(cluster)
  const hosts = [
    ...(bastion ? [bastion] : []),
    ...nodes.map((node) => nodeHost(node, cluster)),
    ...(keyServer ? [keyServerHost(keyServer, cluster)] : []),
  ]
  // One that is also a node, or the key server, is that first of all.
  const others = (backup?.to ?? []).flatMap(({ ssh }) => backupHost(ssh, cluster))
  const known = new Map([...others, ...hosts].map((host) => [host.name, host]))
  return [...new Set([...hosts, ...others].map(({ name }) => known.get(name)!))]
}
