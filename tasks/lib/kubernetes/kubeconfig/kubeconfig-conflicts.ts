import { text } from '../../api/kubeconfig/kubeconfig-entry.ts'
import type { Fields, KubeconfigFiles } from '../../api/kubeconfig/kubeconfig-files.ts'
import type { Finding } from '../../cli/errors.ts'
import { isElsewhere, serverOf } from './kubeconfig-cluster.ts'
import type { EntryNames } from './kubeconfig-names.ts'

/** Entries of a kubeconfig that have our names and belong to another cluster: nothing may be written over them. */
export function findConflicts(
  config: KubeconfigFiles,
  { names, cluster }: { names: EntryNames; cluster: Fields },
): Finding[] {
  const ours = [names.sudo, names.user]
  const isForeign = (name: string) => {
    const fields = config.clusters.get(name)?.fields
    return fields !== undefined && isElsewhere(fields, cluster)
  }
  const conflict = (what: string, clusterName: string) => ({
    severity: 'error' as const,
    message: `${what} in ${config.files} belongs to another cluster, ${serverOf(config.clusters.get(clusterName)!.fields)}`,
    hint: 'give this cluster names of its own: tasks kubeconfig --prefix NAME',
  })
  const found: Finding[] = []
  if (isForeign(names.cluster)) found.push(conflict(`cluster "${names.cluster}"`, names.cluster))
  for (const [name, { fields }] of config.contexts) {
    const clusterName = text(fields, 'cluster') ?? ''
    if (!isForeign(clusterName)) continue
    const user = text(fields, 'user') ?? ''
    if (ours.some(({ context }) => context === name)) found.push(conflict(`context "${name}"`, clusterName))
    else if (ours.some((our) => our.user === user)) found.push(conflict(`user "${user}"`, clusterName))
  }
  return found
}
