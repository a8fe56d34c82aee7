import type { Place } from '../../cli/errors.ts'
import type { Backup, Endpoint, Oidc } from '../kubeadm-model.ts'
import type { Cluster } from '../model.ts'
import type { ClusterValues } from './cluster-values.ts'

type Kubernetes = Pick<
  Cluster,
  'distribution' | 'kubeadm' | 'kubelet' | 'software' | 'podSecurity' | 'oidc' | 'backup'
>

interface Sources {
  /** Gives the absolute path of a file that is named. */
  pathOf(path: string): string
  places?: ReadonlyMap<string, Place>
}

/** How the cluster is made, and what is kept of it. */
export function buildKubeadm(values: ClusterValues, { pathOf, places }: Sources): Kubernetes {
  const { kubernetes, kubeadm, kubelet = {}, podSecurity, oidc } = values
  return {
    distribution: kubernetes?.distribution ?? 'kubeadm',
    kubeadm: {
      certSANs: [],
      ignorePreflightErrors: [],
      timeouts: {},
      clusterConfiguration: {},
      kubeProxyConfiguration: {},
      ...kubeadm,
    },
    kubelet,
    software: buildSoftware(values, pathOf),
    podSecurity: {
      enforce: 'baseline',
      audit: 'restricted',
      warn: 'restricted',
      exempt: ['kube-system'],
      ...podSecurity,
    },
    ...(oidc && { oidc: buildOidc(oidc, pathOf) }),
    backup: buildBackup(values, places),
  }
}

function buildBackup({ backup = {} }: ClusterValues, places?: ReadonlyMap<string, Place>): Backup {
  const to = (backup.to ?? []).map((one, index) => {
    const place = places?.get(`backup.to[${index}]`)
    return { ...one, ...(place && { place }) }
  })
  return { schedule: '*-*-* 03:00:00', keep: 14, recipients: [], ...backup, to }
}

/** The endpoint with who holds its address. */
export function buildEndpoint(at: Pick<Endpoint, 'host' | 'port'>, { endpoint }: ClusterValues): Endpoint {
  const { address: _address, ...rest } = endpoint ?? {}
  return { provider: 'external', routerId: 51, ...rest, ...at }
}

function buildSoftware(
  { software = {} }: ClusterValues,
  pathOf: (path: string) => string,
): Cluster['software'] {
  const { folder, digests, images, ...rest } = software
  return {
    source: 'download',
    versions: {},
    ...rest,
    ...(folder && { folder: pathOf(folder) }),
    ...(digests && { digests: pathOf(digests) }),
    ...(images && { images: pathOf(images) }),
  }
}

function buildOidc(values: Partial<Oidc>, pathOf: (path: string) => string): Oidc {
  const usual = { usernameClaim: 'sub', usernamePrefix: 'oidc:', groupsPrefix: 'oidc:' }
  return { ...usual, ...(values as Oidc), ...(values.ca && { ca: pathOf(values.ca) }) }
}
