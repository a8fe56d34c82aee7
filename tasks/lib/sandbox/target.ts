import { type ApiClient, connect } from '../api/client.ts'
import type { KubeconfigText } from '../api/kubeconfig/kubeconfig-files.ts'
import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import type { Config } from '../config/model.ts'
import type { KubernetesObject } from '../manifest/object.ts'
import { versions } from './programs/versions.ts'
import { type Sandbox, sandboxUp } from './sandbox.ts'
import { runningSandbox } from './status.ts'
import { transientReason } from './transient.ts'

/** The API server that a run is about. */
export interface Target {
  /** For the plan's first line: "sandbox home (simulated nodes)", "cluster home at https://10.0.0.1:6443". */
  name: string
  kind: 'sandbox' | 'cluster'
  /** No machine stands behind the nodes. */
  simulated: boolean
  client: ApiClient
  kubeconfig: string | KubeconfigText
  context: string | undefined
  /** UID of the namespace kube-system: the same for as long as it is the same cluster. */
  fingerprint: string
  /** Why an object is only tried by the server and not stored; undefined for all that is stored. */
  transient(object: KubernetesObject): string | undefined
}

export interface TargetOptions {
  /** Rehearse the configuration in the sandbox although it names a cluster. */
  sandbox?: boolean
  /** false: a sandbox that does not run is an error instead of being started. */
  startSandbox?: boolean
  /** Gets the kubeconfig of a configured cluster for which the configuration names none. */
  admin?(): Promise<KubeconfigText>
}

/** Opens the configured cluster, or the sandbox where none is configured or a rehearsal is asked for. */
export async function openTarget(
  config: Config,
  options: TargetOptions,
  progress: Progress,
): Promise<Target> {
  if (config.configured && !options.sandbox) return openCluster(config, options, progress)
  const sandbox = await openSandbox(config, options, progress)
  const { kubeconfig, context } = sandbox
  const client = await connect(kubeconfig, { context, ...progress })
  return {
    name: `sandbox ${config.cluster.name} (${sandboxTraits(config)})`,
    kind: 'sandbox',
    simulated: true,
    client,
    kubeconfig,
    context,
    fingerprint: await fingerprintOf(client),
    transient: transientReason,
  }
}

/** The sandbox runs one version whatever the configuration asks for; where that is another one it is said. */
function sandboxTraits({ cluster }: Config): string {
  const isOther = cluster.kubernetesVersion !== versions.kubernetes
  return isOther ? `simulated nodes, Kubernetes ${versions.kubernetes}` : 'simulated nodes'
}

async function openCluster(config: Config, { admin }: TargetOptions, progress: Progress): Promise<Target> {
  const { name, context } = config.cluster
  const kubeconfig = config.cluster.kubeconfig ?? (await admin?.())
  if (!kubeconfig) {
    throw new TaskError(
      `the configuration names the nodes of cluster ${name} but no kubeconfig to reach it with`,
      {
        hint: 'set K8S_KUBECONFIG in .env or target.kubeconfig in cluster.yaml; to rehearse instead, add --sandbox',
      },
    )
  }
  const client = await connect(kubeconfig, { context, ...progress })
  return {
    name: `cluster ${name} at ${client.server}`,
    kind: 'cluster',
    simulated: false,
    client,
    kubeconfig,
    context,
    fingerprint: await fingerprintOf(client),
    transient: () => undefined,
  }
}

async function openSandbox(
  config: Config,
  { startSandbox = true }: TargetOptions,
  progress: Progress,
): Promise<Pick<Sandbox, 'kubeconfig' | 'context'>> {
  if (startSandbox) return sandboxUp(config, progress)
  const running = await runningSandbox(config)
  if (running) return running
  throw new TaskError('the sandbox is not running', { hint: 'start it with: tasks sandbox:up' })
}

async function fingerprintOf(client: ApiClient): Promise<string> {
  const namespace = await client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' })
  return String(namespace?.metadata.uid ?? '')
}
