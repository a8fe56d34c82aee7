import type { Cluster } from '../../config/model.ts'
import { programsOf } from './node-software.ts'
import { urlOf } from './obtain.ts'
import { type Architecture, releaseOf } from './releases.ts'
import { programVersions } from './versions.ts'

/** The URLs of all releases that the nodes of a cluster get, for both processors unless told: what a folder has to hold. */
export function releaseUrls(
  cluster: Cluster,
  { architectures = ['amd64', 'arm64'] }: { architectures?: readonly Architecture[] } = {},
): string[] {
  const versions = programVersions(cluster)
  const names = [...new Set(cluster.nodes.flatMap((node) => programsOf(node, cluster)))]
  return architectures.flatMap((arch) =>
    names.map((name) => urlOf(releaseOf(name, { version: versions[name], arch }))),
  )
}
