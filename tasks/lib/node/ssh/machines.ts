import { setMaxListeners } from 'node:events'
import type { ClusterNode, Config } from '../../config/model.ts'
import type { Machine } from '../machine.ts'
import { createChannels } from './channels.ts'
import { createClient, type SshClient } from './client.ts'
import { type Connection, createConnection } from './connection.ts'
import { type Explain, explainer } from './explain.ts'
import { bastionHost, hostsOf, type SshHost } from './hosts.ts'
import { readKnownHosts } from './known-hosts.ts'
import { sshMachine } from './ssh-machine.ts'
import { createPasswords } from './sudo.ts'

/** The machines of a project over SSH. A connection opens with a machine's first script and is shared by all. */
export interface Machines {
  of(node: Pick<ClusterNode, 'name'>): Machine
  /** The host with the keys of encrypted volumes; undefined where the configuration names none. */
  keyServer(): Machine | undefined
  /** Ends the connections that this run opened. */
  close(): Promise<void>
}

export interface MachinesOptions {
  /** Of the run: when it is aborted no script is started any more; one that began goes on to its end. */
  signal: AbortSignal
  /** The program and words before its own arguments: ["ssh"] unless told. */
  program?: readonly string[]
  /** Asks for the password of sudo, once for all machines; on the terminal unless told. */
  askPassword?(question: string): Promise<string>
}

/** Reads known_hosts and settings only; connects to nothing. */
export function openMachines(config: Config, options: MachinesOptions): Machines {
  const { cluster, root } = config
  const { program = ['ssh'], signal } = options
  // Each connection and script hears it.
  setMaxListeners(0, signal)
  const hosts = hostsOf(cluster)
  const knownHosts = readKnownHosts(root)
  const client = createClient({ hosts, program, identity: cluster.ssh.identity, knownHosts })
  const explain = explainer({ knownHosts, client, program, signal })
  const connections = openable(hosts, { client, signal, explain, bastion: bastionHost(cluster)?.name })
  const passwords = createPasswords(options.askPassword)
  const machines = new Map(
    connections.map((connection) => {
      const session = { client, connection, channels: createChannels(), passwords, signal }
      return [connection.host.name, sshMachine(session)]
    }),
  )
  return {
    of: ({ name }) => machines.get(name)!,
    keyServer: () => cluster.keyServer && machines.get(cluster.keyServer.host),
    async close() {
      // The bastion's, which is the first, carries the others.
      await Promise.all(connections.toReversed().map((connection) => connection.close()))
      await client.close()
    },
  }
}

function openable(
  hosts: SshHost[],
  { bastion, ...options }: { client: SshClient; signal: AbortSignal; explain: Explain; bastion?: string },
): Connection[] {
  const first = hosts.find((host) => host.name === bastion)
  const via = first && createConnection(first, options)
  return hosts.map((host) => {
    if (host.name === bastion) return via!
    return createConnection(host, { ...options, ...(host.via && { via }) })
  })
}
