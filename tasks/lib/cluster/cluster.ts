import { type ApiClient, connect } from '../api/client.ts'
import type { Plan } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import { allChanges } from '../cli/plan/plan-counts.ts'
import type { Context, GlobalOptions } from '../cli/task.ts'
import { loadConfig } from '../config/config.ts'
import type { ClusterNode, Config } from '../config/model.ts'
import { UnreachableError } from '../node/errors.ts'
import type { KubernetesSurvey } from '../node/kubeadm/kubernetes-state.ts'
import { surveyCluster } from '../node/kubeadm/survey.ts'
import { holderText, lockMachines } from '../node/lock/lock.ts'
import type { Machine } from '../node/machine.ts'
import type { Machines } from '../node/ssh/machines.ts'
import { machinesOf } from '../node/ssh/shared-machines.ts'
import { type SecretProject, secretProject } from '../secrets/project.ts'

/** What a task about the cluster as a whole has in hand. Connections end with the task. */
export interface ClusterScene {
  config: Config
  machines: Machines
  survey: KubernetesSurvey
  project: SecretProject
  signal: AbortSignal
  /** No machine stands behind the nodes: the sandbox's. */
  isSimulated: boolean
  /** Nodes of the configuration that belong to a cluster, control planes first. */
  members: ClusterNode[]
  /** Those of them that run an API server. */
  controlPlanes: ClusterNode[]
  now(): Date
  machine(node: Pick<ClusterNode, 'name'>): Machine
  /** A control plane that answers over SSH and whose API server is ready. A TaskError where there is none. */
  workingControlPlane(): Promise<Machine>
  /** The API as the cluster's administrator; connected once. */
  client(): Promise<ApiClient>
}

/** Loads the configuration, and asks every machine what Kubernetes is on it. */
export async function openClusterScene(
  context: Pick<Context, 'root' | 'output' | 'signal'> & { options: GlobalOptions },
): Promise<ClusterScene> {
  const { root, output, signal, options } = context
  const config = await loadConfig(root)
  output.findings(config.findings)
  const { cluster } = config
  const isSimulated = !config.configured || options.sandbox || cluster.distribution !== 'kubeadm'
  const machines = machinesOf(config, { signal })
  const asked = { ...cluster, ...(isSimulated && { nodes: [] }) }
  const survey = await output.live('machines', () => surveyCluster(asked, { machines, signal }))
  const project = secretProject({ root, output, signal })
  const rest = { config, machines, survey, project, signal, isSimulated, now: () => new Date() }
  return { ...rest, ...membersOf(rest), ...waysIn(rest) }
}

/** A plan about a cluster; its machines are locked while it is carried out. */
export function clusterPlan(
  planned: Pick<Plan, 'steps' | 'findings' | 'next' | 'waitSeconds'>,
  {
    scene,
    command,
    machines,
  }: { scene: Pick<ClusterScene, 'config'>; command: string; machines: readonly Machine[] },
): Plan {
  const hasChanges = allChanges({ target: '', ...planned }).length > 0
  return {
    target: `machines of cluster ${scene.config.cluster.name}`,
    ...planned,
    next: hasChanges ? planned.next : 'tasks status',
    ...(hasChanges && {
      hold: (signal: AbortSignal) => lockMachines([...machines], { signal, holder: holderText(command) }),
    }),
  }
}

type Surveyed = Pick<ClusterScene, 'config' | 'machines' | 'survey' | 'signal'>

/** Which nodes belong to the cluster, and which of them run an API server. */
export function membersOf({
  config,
  survey,
}: Pick<ClusterScene, 'config' | 'survey'>): Pick<ClusterScene, 'members' | 'controlPlanes'> {
  const { nodes } = config.cluster
  const controlPlanes = nodes.filter(({ name }) => survey.states.get(name)?.isControlPlane)
  const others = nodes.filter(
    (node) => survey.states.get(node.name)?.isMember && !controlPlanes.includes(node),
  )
  return { members: [...controlPlanes, ...others], controlPlanes }
}

function waysIn(
  surveyed: Surveyed & Pick<ClusterScene, 'isSimulated'>,
): Pick<ClusterScene, 'machine' | 'workingControlPlane' | 'client'> {
  const { config, machines, signal } = surveyed
  const { controlPlanes } = membersOf(surveyed)
  let client: Promise<ApiClient> | undefined
  return {
    machine: (node) => machines.of(node),
    workingControlPlane: () => firstReady(controlPlanes.map(machines.of), config),
    client: () => {
      client ??= openClient(config, signal)
      return client
    },
  }
}

async function openClient(config: Config, signal: AbortSignal): Promise<ApiClient> {
  const { kubeconfig, context } = config.cluster
  if (kubeconfig) return connect(kubeconfig, { context, signal })
  const { readAdminKubeconfig } = await import('./admin.ts')
  return connect(await readAdminKubeconfig(config, { signal }), { signal })
}

// Asked on the machine itself: whoever holds the endpoint may be another one.
const isReady =
  'timeout 15 kubectl --kubeconfig /etc/kubernetes/admin.conf --server https://127.0.0.1:6443 --tls-server-name kubernetes get --raw /readyz'

/** The first of these whose API server is ready; one that hangs or cannot be reached is passed over. */
export async function firstReady(
  machines: readonly Machine[],
  { cluster }: Pick<Config, 'cluster'>,
): Promise<Machine> {
  for (const machine of machines) if (await hasReadyServer(machine)) return machine
  const names = machines.map(({ label }) => label).join(', ')
  throw new TaskError(
    machines.length > 0
      ? `no API server of cluster ${cluster.name} is ready: asked ${names}`
      : `cluster ${cluster.name} has no control plane that answers`,
    { hint: 'docs/runbooks.md says what to do; to see what is there: tasks status' },
  )
}

async function hasReadyServer(machine: Machine): Promise<boolean> {
  const title = 'ask the API server whether it is ready'
  try {
    const options = { allowFailure: true, timeoutSeconds: 30, title }
    const { exitCode } = await machine.run(`${isReady} >/dev/null 2>&1`, options)
    return exitCode === 0
  } catch (error) {
    if (error instanceof UnreachableError) return false
    throw error
  }
}
