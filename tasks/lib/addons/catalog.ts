import type { Config } from '../config/model.ts'

/** What upstream has ended: when, and the way on. */
export interface Retirement {
  since: string
  reason: string
  successor: string
}

/** A component of the base layer: one manifest, one ApplySet, one line of `install`. */
export interface Component {
  /** The manifest's file name without its ending, the set's name, and what --only takes. */
  name: string
  /** What the step is called while it runs. */
  title: string
  /** The variable that holds its version, where it has one. */
  versionVariable?: string
  /** The set's name where it is not the component's: the manifest's head comment says the same. */
  set?(config: Pick<Config, 'variables'>): string
  /** Off by `addons: { NAME: { enabled: false } }`; the layer itself cannot be switched off. */
  optional: boolean
  /** A pod network: on when CLUSTER_NETWORK names it. */
  network?: boolean
  /** Why a namespace of it is privileged: what its pods need beyond Pod Security's baseline. */
  privileged?: string
  retired?: Retirement
}

/** The components that metaltasks brings along, in the order in which `install` applies them. */
export const components: readonly Component[] = [
  { name: 'priority-classes', title: 'Priority classes', optional: false },
  { name: 'storage-classes', title: 'Storage classes', optional: false },
  {
    name: 'namespace-config',
    title: 'User namespace',
    optional: false,
    // Each namespace is a set of its own, so that two of them never prune each other.
    set: ({ variables }) => `namespace-${variables.get('K8S_NAMESPACE')?.value}`,
  },
  {
    name: 'flannel',
    title: 'Pod network',
    versionVariable: 'VERSION_FLANNEL',
    optional: true,
    network: true,
    privileged: 'it sets up the network of the host',
  },
  {
    name: 'metrics-server',
    title: 'Metrics',
    versionVariable: 'VERSION_METRICS_SERVER',
    optional: true,
  },
  {
    name: 'local-path',
    title: 'Volumes on demand',
    versionVariable: 'VERSION_LOCAL_PATH',
    privileged: 'its helper pods make folders on the host',
    optional: true,
  },
  {
    name: 'ingress-nginx',
    title: 'Ingress',
    versionVariable: 'VERSION_INGRESS_NGINX',
    optional: true,
    retired: {
      since: '2026-03',
      reason: 'ingress-nginx is retired: no releases and no security fixes after controller 1.15.1',
      successor: 'Gateway API with a maintained controller',
    },
  },
  { name: 'headlamp', title: 'Dashboard', versionVariable: 'VERSION_HEADLAMP', optional: true },
]

/** The component of that name, if the catalog has it. */
export function componentNamed(name: string): Component | undefined {
  return components.find((component) => component.name === name)
}

/** Whether the configuration wants it: an add-on may be switched off, a pod network not be the chosen one. */
export function isWanted(
  { name, optional, network }: Component,
  { cluster }: Pick<Config, 'cluster'>,
): boolean {
  if (!optional) return true
  if (network && cluster.network.provider !== name) return false
  return cluster.addons[name]?.enabled ?? true
}
