import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import type { Finding } from '../../cli/errors.ts'
import type { Config } from '../../config/model.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import { pkiFolder } from '../../node/kubeadm/paths.ts'

const serverCertificate = `${pkiFolder}/apiserver.crt`

/** Said of a control plane whose API server was made for another endpoint than that of cluster.yaml, or for none. */
export function endpointRemark(
  { cluster: { endpoint } }: Pick<Config, 'cluster'>,
  { certificates }: Pick<KubernetesState, 'certificates'>,
): Finding | undefined {
  const names = certificates.find(({ file }) => file === serverCertificate)?.names
  if (!endpoint || !names || names.map(sameText).includes(sameText(endpoint.host))) return undefined
  return {
    severity: 'note',
    message: `${serverCertificate} is not for ${endpoint.host}: who comes by the endpoint does not trust its API server`,
    hint: 'leave endpoint out of cluster.yaml until the certificate of each API server names it',
  }
}

function sameText(name: string): string {
  return isIP(name) ? ipaddr.parse(name).toNormalizedString() : name.toLowerCase()
}
