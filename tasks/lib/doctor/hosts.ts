import { TaskError } from '../cli/errors.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { measureDiskLatency } from '../node/facts/disk-latency.ts'
import { type Gathered, gatherFacts } from '../node/facts/gather.ts'
import type { Machines } from '../node/ssh/machines.ts'
import { machinesOf } from '../node/ssh/shared-machines.ts'
import { type Host, hostResults, latencyResult, sharedResults } from './hosts-results.ts'
import { type Result, resultsOf } from './result.ts'

/** The configured machines: whether they answer, and whether they are fit for Kubernetes. */
export async function hostsResults(config: Config, signal: AbortSignal): Promise<Result[]> {
  const { nodes, ssh } = config.cluster
  const machines = machinesOf(config, { signal })
  const gathered = await gatherFacts(nodes.map(machines.of), { parallel: ssh.parallel, signal })
  const hosts = nodes.flatMap((node, index) => hostOf(node, gathered[index]!))
  const latencies = await Promise.all(hosts.map(({ node }) => latencyResults(node, { machines, signal })))
  return [
    ...gathered.flatMap(unanswered),
    ...hosts.flatMap((host, index) => [...hostResults(host), ...latencies[index]!]),
    ...sharedResults(hosts),
  ]
}

function hostOf(node: ClusterNode, one: Gathered): Host[] {
  return 'facts' in one ? [{ node, facts: one.facts }] : []
}

function unanswered(one: Gathered): Result[] {
  return 'error' in one ? resultsOf(one.error.findings, one.machine.label) : []
}

// Only where etcd runs: it waits for the disk at each write.
async function latencyResults(
  node: ClusterNode,
  { machines, signal }: { machines: Machines; signal: AbortSignal },
): Promise<Result[]> {
  const hasEtcd = node.roles.includes('control-plane') || node.roles.includes('etcd')
  if (!hasEtcd) return []
  const machine = machines.of(node)
  try {
    return [latencyResult(machine.label, await measureDiskLatency(machine, signal))]
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof TaskError)) throw error
    return resultsOf(error.findings, machine.label)
  }
}
