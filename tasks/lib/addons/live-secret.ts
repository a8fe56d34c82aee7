import { TaskError, UsageError } from '../cli/errors.ts'
import type { Output } from '../cli/output.ts'
import { reachTarget } from '../cluster/target.ts'
import { loadConfig } from '../config/config.ts'
import { type ImportedSecret, secretFromObject } from '../secrets/import/secret-object.ts'

export interface LiveOptions {
  /** "NAMESPACE/NAME", or a name in $K8S_NAMESPACE. */
  fromCluster?: string
  root: string
  sandbox: boolean
  output: Output
  signal: AbortSignal
}

/**
 * A Secret of the configured cluster. In $K8S_NAMESPACE it is without a namespace: the file goes along when that changes.
 */
export async function liveSecret({
  fromCluster: reference = '',
  root,
  sandbox,
  output,
  signal,
}: LiveOptions): Promise<ImportedSecret & { name: string }> {
  const config = await loadConfig(root)
  const usual = config.variables.get('K8S_NAMESPACE')?.value
  const [name = '', namespace = usual, ...others] = reference.split('/').reverse()
  if (!name || !namespace || others.length > 0)
    throw new UsageError(`--from-cluster ${reference} is not NAMESPACE/NAME`, {
      hint: '--from-cluster default/db',
    })
  const target = await output.live('target', (say) =>
    reachTarget(config, { sandbox, startSandbox: false }, { say, signal }),
  )
  try {
    const object = await target.client.get({ apiVersion: 'v1', kind: 'Secret', namespace, name })
    if (!object) throw notThere({ namespace, name }, target.name)
    const secret = secretFromObject(object, { source: `Secret ${namespace}/${name}` })
    const { namespace: _, ...withoutNamespace } = secret
    return { ...(namespace === usual ? withoutNamespace : secret), name }
  } finally {
    target.client.close()
  }
}

function notThere({ namespace, name }: { namespace: string; name: string }, target: string): TaskError {
  return new TaskError(`there is no Secret ${namespace}/${name} in ${target}`, {
    hint: `kubectl get secrets -n ${namespace}`,
  })
}
