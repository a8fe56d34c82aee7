import { orphansOf } from '../addons/persistent-orphans.ts'
import { type Surveys, surveyNodes } from '../addons/persistent-survey.ts'
import type { Observed } from '../api/objects/observed.ts'
import { type Parents, readParents } from '../api/sets/parents.ts'
import type { Finding } from '../cli/errors.ts'
import { lastRun } from '../cli/plan/last-run.ts'
import type { ClusterHealth } from '../cluster/health.ts'
import type { Config } from '../config/model.ts'
import type { Target } from '../sandbox/target.ts'
import { addonStatuses } from './addons.ts'
import { controlPlaneStatus } from './control-plane.ts'
import { type Lists, readLists } from './lists.ts'
import { machineStatuses } from './machines.ts'
import type { LoadBalancerStatus, Status } from './model.ts'
import { nodeStatuses } from './nodes.ts'
import { problemsOf } from './problems.ts'
import { volumesStatus } from './volumes.ts'
import { workloadStatuses } from './workloads.ts'

/** What an open target is at this moment; reads only. */
export async function readStatus(
  target: Target,
  { config, signal }: { config: Config; signal: AbortSignal },
): Promise<{ status: Status; findings: Finding[] }> {
  const { client } = target
  const [{ lists, findings }, parents, version, surveyed, health] = await Promise.all([
    readLists(client, signal),
    readParents({ client, options: { signal } }),
    client.request<{ gitVersion: string }>('GET', '/version', { signal }),
    target.kind === 'cluster' ? surveyNodes(config, signal) : undefined,
    target.kind === 'cluster' ? healthOf(config, signal) : undefined,
  ])
  const running = version.gitVersion.replace(/^v/, '')
  const { surveys } = surveyed ?? {}
  const now = Date.now()
  const status = buildStatus(lists, { target, config, parents, running, surveys, health, now })
  const unread = [...(surveyed?.findings ?? []), ...(health?.findings ?? [])]
  return { status, findings: [...findings, ...unread] }
}

interface Surroundings {
  target: Pick<Target, 'name' | 'simulated'>
  config: Config
  parents: Parents
  /** What the machines told, where there are any. */
  surveys?: Surveys
  health?: ClusterHealth
  /** Version of the API server. */
  running: string
  now: number
}

/** The status from what was read, and from the project's journal. */
function buildStatus(lists: Lists, surroundings: Surroundings): Status {
  const { target, config, parents, running, now, health, surveys = new Map() } = surroundings
  const { name, simulated } = target
  const orphans = orphansOf(config, { volumes: lists.volumes, surveys })
  const status = {
    target: name,
    simulated,
    takenAt: new Date(now).toISOString(),
    kubernetes: { running, configured: config.cluster.kubernetesVersion },
    nodes: nodeStatuses(lists, config.cluster.nodes),
    workloads: workloadStatuses(lists, { simulated }),
    loadBalancers: loadBalancers(lists.services, simulated),
    volumes: volumesStatus(lists, { simulated, orphans: orphans.volumes }),
    machines: machineStatuses(surveys, orphans),
    controlPlane: health ? controlPlaneStatus(health, new Date(now)) : null,
    addons: addonStatuses(lists, { config, parents }),
    lastRun: lastRun(config.root, { target: name }) ?? null,
  }
  const { target: _, simulated: __, takenAt, kubernetes, ...rest } = status
  return { target: name, simulated, takenAt, kubernetes, problems: problemsOf(status), ...rest }
}

async function healthOf(config: Config, signal: AbortSignal): Promise<ClusterHealth | undefined> {
  if (config.cluster.distribution !== 'kubeadm') return undefined
  const { readHealth } = await import('../cluster/health.ts')
  return readHealth(config, { signal })
}

interface Ingress {
  ip?: string
  hostname?: string
}

function loadBalancers(services: Observed[], simulated: boolean): LoadBalancerStatus[] {
  return services
    .filter(({ spec }) => spec?.type === 'LoadBalancer')
    .map(({ metadata, status }) => {
      const ingress: Ingress[] = status?.loadBalancer?.ingress ?? []
      const addresses = ingress.flatMap(({ ip, hostname }) => ip ?? hostname ?? [])
      return { namespace: metadata.namespace ?? '', name: metadata.name, addresses, simulated }
    })
}
