import type { ApiClient } from '../../../api/client.ts'
import { matchesSelector } from '../../../api/wait/selector.ts'
import type { Finding } from '../../../cli/errors.ts'
import type { KubernetesObject } from '../../../manifest/object.ts'
import { fateOf, type Pod, podName } from './pod.ts'
import { resourceOf } from './read-pods.ts'

/** What the operator should know of pods before they leave: data that go, volumes that hold them, budgets. */
export async function drainRemarks(
  client: ApiClient,
  { node, leaving, signal }: { node: string; leaving: readonly Pod[]; signal: AbortSignal },
): Promise<Finding[]> {
  const local = await localVolumes(client, { leaving, signal })
  const { closed, doubled } = await budgetsOf(client, { leaving, signal })
  const scratch = leaving.flatMap((pod) => {
    const fate = fateOf(pod)
    return fate.kind === 'leaves' && fate.emptyDirs.length > 0
      ? [`${podName(pod)} (${fate.emptyDirs.join(', ')})`]
      : []
  })
  return [
    ...remark(scratch, 'what these pods keep in an emptyDir is lost'),
    ...remark(local, `these volumes are on ${node}: their pods wait until it takes pods again`),
    ...remark(closed, 'these budgets allow no eviction now: draining waits for them'),
    ...remark(
      doubled,
      'these pods have more than one PodDisruptionBudget, and the API server then evicts none',
    ),
  ]
}

function remark(names: string[], text: string): Finding[] {
  return names.length === 0 ? [] : [{ severity: 'warning', message: `${text}: ${names.join(', ')}` }]
}

async function localVolumes(
  client: ApiClient,
  { leaving, signal }: { leaving: readonly Pod[]; signal: AbortSignal },
): Promise<string[]> {
  const claims = leaving.flatMap((pod) => {
    const fate = fateOf(pod)
    return fate.kind === 'leaves' ? fate.claims.map((name) => ({ pod, name })) : []
  })
  const found = await Promise.all(
    claims.map(async ({ pod, name }) => {
      const { namespace } = pod.metadata
      const claim = (await client.get(
        { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace },
        { signal },
      )) as Claim | undefined
      const volume = claim?.spec?.volumeName
      if (!volume) return []
      const live = (await client.get(
        { apiVersion: 'v1', kind: 'PersistentVolume', name: volume },
        { signal },
      )) as Volume | undefined
      return live?.spec?.nodeAffinity ? [`${volume} of ${podName(pod)}`] : []
    }),
  )
  return found.flat()
}

interface Claim extends KubernetesObject {
  spec?: { volumeName?: string }
}

interface Volume extends KubernetesObject {
  spec?: { nodeAffinity?: object }
}

interface Budget extends KubernetesObject {
  spec?: { selector?: unknown }
  status?: { disruptionsAllowed?: number }
}

async function budgetsOf(
  client: ApiClient,
  { leaving, signal }: { leaving: readonly Pod[]; signal: AbortSignal },
): Promise<{ closed: string[]; doubled: string[] }> {
  const resource = await resourceOf(client, { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' })
  const budgets = (await client.list(resource, { signal })).items as Budget[]
  const concerned = budgets.filter((budget) => leaving.some((pod) => isOf(budget, pod)))
  return {
    closed: concerned
      .filter(({ status }) => (status?.disruptionsAllowed ?? 0) === 0)
      .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    doubled: leaving.filter((pod) => concerned.filter((budget) => isOf(budget, pod)).length > 1).map(podName),
  }
}

function isOf({ metadata, spec }: Budget, pod: Pod): boolean {
  const isBeside = pod.metadata.namespace === metadata.namespace
  return isBeside && matchesSelector(pod.metadata.labels, spec?.selector)
}
