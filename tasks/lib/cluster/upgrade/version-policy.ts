import type { Finding } from '../../cli/errors.ts'
import { compareVersions, minorOf } from '../../config/kubernetes-version.ts'

/** What a node runs; without "v". */
export interface RunningVersions {
  node: string
  /** Of a control plane. */
  apiServer?: string
  kubelet: string
}

/** Why a cluster cannot go to a version; undefined where it can: https://kubernetes.io/releases/version-skew-policy/ */
export function upgradeRefusal(running: readonly RunningVersions[], to: string): Finding | undefined {
  const servers = running.flatMap(({ node, apiServer }) => (apiServer ? [{ node, version: apiServer }] : []))
  const later = [...servers, ...running.map(({ node, kubelet }) => ({ node, version: kubelet }))].find(
    ({ version }) => compareVersions(version, to) > 0,
  )
  if (later)
    return refusal(`${later.node} runs ${later.version} already: Kubernetes does not go back to ${to}`, {
      hint: 'kubernetes.version in cluster.yaml; an older state of the cluster: tasks etcd:restore',
    })
  const [oldest] = servers.sort((one, other) => compareVersions(one.version, other.version))
  if (!oldest) return refusal('no API server tells its version', { hint: 'tasks nodes' })
  const next = nextMinor(oldest.version)
  if (minorOf(to) > next)
    return refusal(
      `from ${oldest.version} to ${to} is more than one minor version: Kubernetes goes one at a time`,
      {
        hint: `first to 1.${next}: kubernetes.version in cluster.yaml, then tasks cluster:upgrade`,
      },
    )
  const behind = running.find(({ kubelet }) => minorOf(to) - minorOf(kubelet) > 3)
  if (!behind) return undefined
  return refusal(
    `the kubelet of ${behind.node} is ${behind.kubelet}: an API server of ${to} does not work with it`,
    {
      hint: `make it anew first: tasks node:rebuild ${behind.node}`,
    },
  )
}

/** Why a kubelet does not join: none may be of a later minor version than any API server. Undefined where it can. */
export function joinRefusal(
  { node, kubelet, isInstalled }: { node: string; kubelet: string; isInstalled: boolean },
  servers: readonly { node: string; apiServer: string }[],
): Finding | undefined {
  const older = servers.find(({ apiServer }) => minorOf(kubelet) > minorOf(apiServer))
  if (!older) return undefined
  const alike = isInstalled
    ? `install kubelet and kubeadm ${older.apiServer} there`
    : `kubernetes: { version: ${older.apiServer} } in cluster.yaml`
  return refusal(
    `the kubelet of ${node} would be ${kubelet}, newer than the API server of ${older.node}, ${older.apiServer}`,
    {
      hint: `upgrade the cluster first: tasks cluster:upgrade ${kubelet}; or join with its version: ${alike}`,
    },
  )
}

function nextMinor(version: string): number {
  return minorOf(version) + 1
}

function refusal(message: string, { hint }: { hint: string }): Finding {
  return { severity: 'error', message, hint }
}
