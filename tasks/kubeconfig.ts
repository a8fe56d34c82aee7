import { userInfo } from 'node:os'
import type { ApiClient } from './lib/api/client.ts'
import { type Finding, TaskError, UsageError } from './lib/cli/errors.ts'
import { quote } from './lib/cli/process/quote.ts'
import { defineTask } from './lib/cli/task.ts'
import { reachTarget } from './lib/cluster/target.ts'
import { loadConfig } from './lib/config/config.ts'
import { kubeconfigStep } from './lib/kubernetes/kubeconfig/kubeconfig.ts'
import { kubeconfigPlace, sandboxKubeconfig } from './lib/kubernetes/kubeconfig/kubeconfig-place.ts'

export default defineTask(import.meta, {
  group: 'cluster',
  summary: "give kubectl two contexts: sudo, and your namespace's with only its rights",
  description:
    "The namespace's context has a client certificate that the cluster signs: full rights inside $K8S_NAMESPACE, read-only " +
    'outside. It is renewed here when it has less than 30 days left. The contexts go into the first file of KUBECONFIG, ' +
    'else ~/.kube/config, beside what is there; its last five versions are kept. For the sandbox they go into ' +
    '.tasks/kubeconfig of the project.',
  options: {
    prefix: { type: 'string', valueName: 'NAME', summary: 'put NAME- before every name that is written' },
    user: { type: 'string', valueName: 'NAME', summary: 'whom the certificate names; you unless given' },
    days: { type: 'number', default: 365, summary: 'how long a new certificate is to be valid' },
    renew: { type: 'boolean', summary: 'get a new certificate although the present one is good' },
  },
  examples: [
    ['tasks kubeconfig', 'show what would be written, ask, write it'],
    ['tasks kubeconfig --prefix home', 'contexts home-sudo and home-worker, beside those of another cluster'],
    ['tasks kubeconfig --renew', 'a new certificate before the old one ends'],
  ],
  oldNames: ['contexts', 'context', 'kube-config'],
  async plan({ root, options, output, signal }) {
    const config = await loadConfig(root)
    const { prefix, user = userInfo().username, days, renew } = options
    const namespace = config.variables.get('K8S_NAMESPACE')!.value
    expectOptions({ prefix, user, days })
    expectOtherName(namespace)
    const target = await output.live('target', (say) =>
      reachTarget(config, { sandbox: options.sandbox }, { say, signal }),
    )
    const isOwn = target.simulated
    const file = isOwn ? sandboxKubeconfig(root) : kubeconfigPlace(config)
    const cluster = config.cluster.name
    const step = await kubeconfigStep(target, {
      ...{ file, isOwn, cluster, namespace, prefix, user, days, renew },
      now: new Date(),
    })
    return {
      target: target.name,
      fingerprint: target.fingerprint,
      ask: !target.simulated,
      steps: [step],
      next: isOwn ? `export KUBECONFIG=${quote(file)}` : 'kubectl config get-contexts',
      findings: [...config.findings, ...(await missingRights(target.client, namespace))],
    }
  },
})

function expectOptions({ prefix, user, days }: { prefix?: string; user: string; days: number }): void {
  const isName = (text: string) => /^[A-Za-z0-9][\w.@-]*$/.test(text)
  if (prefix !== undefined && !isName(prefix)) {
    throw new UsageError(`--prefix ${prefix}: letters, digits, "-", "_" and "."`, { hint: '--prefix home' })
  }
  // Names that begin with system: are the control plane's own.
  if (!isName(user)) {
    throw new UsageError(`${user} cannot be the name of a user`, { hint: 'for example: --user alice' })
  }
  if (days >= 1 && days <= 3650) return
  throw new UsageError(`--days ${days}: from 1 to 3650`, { hint: '--days 365' })
}

function expectOtherName(namespace: string): void {
  if (namespace !== 'sudo') return
  throw new TaskError("namespace sudo would get the context of that name, which is the administrator's", {
    hint: 'give K8S_NAMESPACE another value in .env, for example K8S_NAMESPACE=worker',
  })
}

// The certificate is good without them; it may only do nothing.
async function missingRights(client: ApiClient, namespace: string): Promise<Finding[]> {
  const apiVersion = 'rbac.authorization.k8s.io/v1'
  const binding = await client.get({ apiVersion, kind: 'RoleBinding', namespace, name: 'full-access' })
  if (binding) return []
  const message = `context ${namespace} has no rights yet: namespace ${namespace} has no RoleBinding full-access`
  return [{ severity: 'warning', message, hint: 'make both with: tasks namespace-config' }]
}
