/** What the entries of one cluster are called in a kubeconfig. */
export interface EntryNames {
  cluster: string
  sudo: ContextNames
  user: ContextNames
}

export interface ContextNames {
  context: string
  user: string
}

/** Contexts carry the short names that are typed; clusters and users the cluster's, so that two can live in one file. */
export function entryNames({
  cluster,
  namespace,
  prefix,
}: {
  cluster: string
  namespace: string
  prefix?: string
}): EntryNames {
  const start = prefix ? `${prefix}-` : ''
  const names = (name: string) => ({ context: `${start}${name}`, user: `${start}${cluster}-${name}` })
  return { cluster: `${start}${cluster}`, sudo: names('sudo'), user: names(namespace) }
}
