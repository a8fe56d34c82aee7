import type { Config } from '../../config/model.ts'
import { takeTurns } from '../plan/turns.ts'
import { createClient } from './client.ts'
import { createConnection } from './connection.ts'
import { explainer } from './explain.ts'
import { bastionHost, hostsOf, type SshHost } from './hosts.ts'
import { readKnownHosts } from './known-hosts.ts'
import { scanKeys } from './scan.ts'
import { type Sighting, sight } from './trust.ts'

export interface SurveyOptions {
  hosts: SshHost[]
  signal: AbortSignal
  /** The program and words before its own arguments: ["ssh"] unless told. */
  program?: readonly string[]
}

/** Reads the keys that hosts show, side by side, and compares them with the recorded ones. Changes nothing. */
export async function surveyHosts(
  { cluster, root }: Config,
  { hosts, signal, program = ['ssh'] }: SurveyOptions,
): Promise<Sighting[]> {
  const knownHosts = readKnownHosts(root)
  const { identity } = cluster.ssh
  const client = createClient({ hosts: hostsOf(cluster), program, identity, knownHosts })
  const turns = takeTurns(cluster.ssh.parallel)
  const survey = async (host: SshHost) =>
    sight(host, { knownHosts, shown: await scanKeys(host, { client, program, signal }) })
  const bastion = hosts.some(({ via }) => via) ? bastionHost(cluster) : undefined
  const explain = explainer({ knownHosts, client, program, signal })
  const way = bastion && createConnection(bastion, { client, signal, explain })
  try {
    // One connection to it for all: an SSH server turns many new ones at once away.
    await way?.open()
    return await Promise.all(hosts.map((host) => turns(() => survey(host))))
  } finally {
    await way?.close()
    await client.close()
  }
}

/** The bastion alone first: nobody is asked through a host that is not trusted. Then the others. */
export function inStages(hosts: SshHost[], { cluster }: Pick<Config, 'cluster'>): SshHost[][] {
  const bastion = bastionHost(cluster)
  if (!bastion || hosts.every(({ via }) => !via)) return [hosts]
  return [[bastion], hosts.filter(({ name }) => name !== bastion.name)]
}
