import { type ClusterAccess, clusterAccess } from './kubeconfig-cluster.ts'
import { findEntry, kubeconfigError, text, useContext } from './kubeconfig-entry.ts'
import { type KubeconfigText, readKubeconfigFiles } from './kubeconfig-files.ts'
import { type Login, readLogin } from './kubeconfig-login.ts'

/** Where a server is, how it is trusted and who asks, as one context of a kubeconfig says. */
export interface Access extends ClusterAccess {
  context: string
  /** The context's namespace, "default" where it names none. */
  namespace: string
  login: Login
}

/** Reads a context, the current one unless named, from a kubeconfig or a list of them in the form of KUBECONFIG. */
export function loadKubeconfig(
  files: string | KubeconfigText,
  { context }: { context?: string } = {},
): Access {
  const config = readKubeconfigFiles(files)
  const name = context ?? config.currentContext
  if (!name) throw kubeconfigError(config, 'names no current context', { hint: useContext(config) })
  const { fields } = findEntry(config, { list: 'contexts', name })
  const usedBy = `context "${name}"`
  const cluster = findEntry(config, { list: 'clusters', name: text(fields, 'cluster'), usedBy })
  const user = text(fields, 'user')
  const entry = user ? findEntry(config, { list: 'users', name: user, usedBy }) : { fields: {}, folder: '' }
  return {
    context: name,
    namespace: text(fields, 'namespace') ?? 'default',
    ...clusterAccess(cluster, { config, usedBy }),
    login: readLogin(entry, { config, usedBy, cluster }),
  }
}
