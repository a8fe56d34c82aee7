import { type ApiClient, connect } from '../api/client.ts'
import { isForbidden } from '../api/errors.ts'
import type { KubeconfigText } from '../api/kubeconfig/kubeconfig-files.ts'
import { TaskError } from '../cli/errors.ts'
import { readAdminKubeconfig } from '../cluster/admin.ts'
import type { Config } from '../config/model.ts'
import { certificateExpiry } from '../kubernetes/kubeconfig/certificate-expiry.ts'
import { type Result, resultsOf } from './result.ts'

/** The configured cluster: whether it answers, in which version, and what we may do there. */
export async function clusterResults(
  config: Config,
  { signal, now }: { signal: AbortSignal; now: Date },
): Promise<Result[]> {
  const { context, kubernetesVersion } = config.cluster
  try {
    const kubeconfig = await kubeconfigOf(config, signal)
    const client = await connect(kubeconfig, { context, signal, patienceSeconds: 12 })
    try {
      const results = [await versionResult(client, kubernetesVersion), await rightsResult(client)]
      const ends = await certificateExpiry(kubeconfig, { context })
      const certificate = ends ? [expiryResult(ends, now)] : []
      return [
        ...resultsOf(client.findings, 'kubeconfig'),
        ...results,
        ...certificate,
        ...(await clockResults(client, now)),
      ]
    } finally {
      client.close()
    }
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    return resultsOf(error.findings, originOf(config.variables))
  }
}

function kubeconfigOf(config: Config, signal: AbortSignal): Promise<KubeconfigText> | string {
  const { kubeconfig, distribution, name } = config.cluster
  if (kubeconfig) return kubeconfig
  if (distribution === 'kubeadm') return readAdminKubeconfig(config, { signal })
  throw new TaskError(`no kubeconfig to reach cluster ${name} with`, {
    hint: 'set K8S_KUBECONFIG in .env or target.kubeconfig in cluster.yaml; to rehearse, add --sandbox',
  })
}

function originOf(variables: Config['variables']): string {
  return variables.get('K8S_KUBECONFIG')?.origin ?? 'kubeconfig'
}

async function versionResult(client: ApiClient, wanted: string): Promise<Result> {
  const { gitVersion } = await client.request<{ gitVersion: string }>('GET', '/version')
  return compareVersions(gitVersion.replace(/^v/, ''), { wanted, server: client.server })
}

/** The server's version beside the configured one; patches may differ. */
export function compareVersions(
  version: string,
  { wanted, server }: { wanted: string; server: string },
): Result {
  const minor = (text: string) => text.split('.').slice(0, 2).join('.')
  const name = 'API server'
  const detail = `${server} runs Kubernetes ${version}`
  if (minor(version) === minor(wanted)) return { name, state: 'good', detail }
  const hint = `set it in .env: K8S_VERSION=${version.replace(/[-+].*/, '')}`
  return { name, state: 'warning', detail: `${detail}, configured is ${wanted}`, hint }
}

// The base layer holds namespaces, roles and webhooks: less than everything ends in the middle of it.
async function rightsResult(client: ApiClient): Promise<Result> {
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews'
  const spec = { resourceAttributes: { verb: '*', group: '*', resource: '*' } }
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec }
  const { status } = await client.request<{ status: { allowed: boolean } }>('POST', path, { body })
  if (status.allowed) return { name: 'rights', state: 'good', detail: 'everything, as an administrator' }
  const hint = "name the administrator's context: K8S_CONTEXT=sudo in .env"
  return { name: 'rights', state: 'missing', detail: 'this context may not do everything there', hint }
}

const day = 86_400_000

/** When the client certificate ends. */
export function expiryResult(ends: Date, now: Date): Result {
  const name = 'certificate'
  const detail = `of this context, until ${ends.toISOString().slice(0, 10)}`
  const days = Math.floor((ends.getTime() - now.getTime()) / day)
  if (days >= 30) return { name, state: 'good', detail }
  const hint = 'on a control plane node: kubeadm certs renew admin.conf'
  return { name, state: days < 0 ? 'missing' : 'warning', detail: `${detail}: ${days} days left`, hint }
}

// The control plane renews its leases every few seconds.
async function clockResults(client: ApiClient, now: Date): Promise<Result[]> {
  const lease = (await client.discovery()).find('coordination.k8s.io/v1', 'Lease')
  if (!lease) return []
  const { items } = await client.list(lease, { namespace: 'kube-system' }).catch((error: unknown) => {
    // Of what may not be read nothing is said: what the rights are is told above.
    if (isForbidden(error)) return { items: [] }
    throw error
  })
  const times = items.map(({ spec }) => Date.parse(String((spec as { renewTime?: string })?.renewTime)))
  const newest = Math.max(...times.filter(Number.isFinite))
  return Number.isFinite(newest) ? [skewResult(newest - now.getTime())] : []
}

/** How far the cluster's clock is ahead, as its newest lease tells. */
export function skewResult(aheadMs: number): Result {
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const name = "cluster's clock"
  if (seconds <= 30) return { name, state: 'good', detail: 'agrees with this one' }
  const detail = `the newest lease is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} this machine's clock`
  return { name, state: 'warning', detail, hint: 'compare both: timedatectl' }
}
