import { buildKubeadm } from '../../tasks/lib/config/cluster-file/kubeadm.ts'
import type { Cluster, Config } from '../../tasks/lib/config/model.ts'

/** A configuration as an empty project has it, with parts replaced. */
export function testConfig(root: string, cluster: Partial<Cluster> = {}): Config {
  return {
    root,
    configured: false,
    variables: new Map(),
    environmentVariables: new Map(),
    findings: [],
    cluster: {
      name: 'test',
      kubernetesVersion: '1.36.3',
      nodes: [],
      network: {
        provider: 'flannel',
        podSubnet: '10.244.0.0/16',
        serviceSubnet: '10.96.0.0/12',
        dnsDomain: 'cluster.local',
      },
      loadBalancerRanges: [],
      addons: {},
      pools: [],
      namedVolumes: [],
      volumesOnRootDisk: false,
      ssh: { parallel: 20 },
      system: { packages: [], modules: [], sysctl: {} },
      unlock: 'manual',
      sync: [],
      ...buildKubeadm({}, { pathOf: (path) => path }),
      ...cluster,
    },
  }
}
