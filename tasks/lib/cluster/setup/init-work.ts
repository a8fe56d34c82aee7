import type { Finding } from '../../cli/errors.ts'
import type { Config } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { initConfiguration, tokenDescription } from '../../kubernetes/kubeadm/node-configuration.ts'
import { controlPlaneNodes, externalEtcdNodes, hostPort } from '../../kubernetes/kubeadm/topology.ts'
import { etcdctl, externalFiles } from '../../node/etcd-members/access.ts'
import { firstControlPlane } from '../../node/kubeadm/init.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Resource } from '../../node/resource.ts'
import { blockedResource, remarks } from './blocked.ts'
import type { SetupScene } from './scene.ts'
import { sharedTexts } from './shared-texts.ts'

/** The cluster itself, on its first control plane; nothing where it is there. */
export function initWork(scene: SetupScene): NodeStep['work'] {
  const { machines, nodes, standing } = scene
  if (standing.kind === 'made' || !standing.first) return []
  const first = nodes.find(({ name }) => name === standing.first!.name)
  if (!first) return []
  return [{ machine: machines.of(first), resources: initResources(scene) }]
}

function initResources({ config, standing }: SetupScene): Resource[] {
  if (standing.kind === 'made') return []
  const why = standing.kind === 'unclear' ? standing.why : withoutEndpoint(config)
  if (standing.kind === 'unclear' || why?.severity === 'error')
    return [blockedResource('first control plane', { title: 'make a new cluster', why: why! })]
  const { cluster } = config
  const etcdHosts = externalEtcdNodes(cluster)
  const resource = firstControlPlane({
    config: yamlText(initConfiguration(config, standing.first)),
    needs: sharedTexts(config).map(({ path }) => path),
    guards: etcdHosts.length > 0 ? [emptyEtcd(etcdHosts.map(({ address, name }) => address ?? name))] : [],
    isEtcdExternal: etcdHosts.length > 0,
    tokenDescription,
    source: standing.first.place,
  })
  return [resource, ...(why ? [remarks('endpoint', [why])] : [])]
}

function withoutEndpoint({ cluster }: Pick<Config, 'cluster'>): Finding | undefined {
  if (cluster.endpoint) return undefined
  const hint = 'in cluster.yaml: endpoint: {address: 192.168.1.10:8443, provider: keepalived}'
  const [, second] = controlPlaneNodes(cluster)
  if (second)
    return { severity: 'error', message: 'several control planes need one address for all of them', hint }
  const message =
    'the API has the address of its only control plane: further ones need an endpoint, and certificates anew'
  return { severity: 'note', message, hint }
}

// What somebody keeps in an etcd on other hosts must not become part of a new cluster.
function emptyEtcd(addresses: string[]): string {
  const endpoints = addresses.map((address) => `https://${hostPort(address, 2379)}`)
  const asked = etcdctl({ endpoint: endpoints[0]!, files: externalFiles }, { endpoints })
  return `keys=$(${asked} get /registry --prefix --keys-only --limit=1)
if test -n "$keys"; then
  echo 'etcd holds a cluster already: nothing is set up over it' >&2
  exit 1
fi`
}
