import type { Cluster, Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import { etcdFolder, externalEtcdFolder } from '../../node/kubeadm/paths.ts'
import { apiServer } from './api-server.ts'
import { args, kubeadmVersion } from './documents.ts'
import { mergeOver } from './merge.ts'
import { apiEndpoint, externalEtcdNodes, hostPort } from './topology.ts'

/** What kubeadm keeps of a cluster as a whole; `version` where it is another than the configured one. */
export function clusterConfiguration(
  { cluster }: Pick<Config, 'cluster'>,
  { version = cluster.kubernetesVersion }: { version?: string } = {},
): JsonMap {
  const { dnsDomain, podSubnet, serviceSubnet } = cluster.network
  const ours: JsonMap = {
    apiVersion: kubeadmVersion,
    kind: 'ClusterConfiguration',
    clusterName: cluster.name,
    kubernetesVersion: `v${version}`,
    controlPlaneEndpoint: apiEndpoint(cluster),
    networking: { dnsDomain, podSubnet, serviceSubnet },
    encryptionAlgorithm: 'ECDSA-P256',
    apiServer: apiServer(cluster),
    controllerManager: {
      extraArgs: args({
        'bind-address': '127.0.0.1',
        profiling: 'false',
        'terminated-pod-gc-threshold': '1000',
      }),
    },
    scheduler: { extraArgs: args({ 'bind-address': '127.0.0.1', profiling: 'false' }) },
    etcd: etcd(cluster),
  }
  return mergeOver(ours, cluster.kubeadm.clusterConfiguration)
}

function etcd(cluster: Cluster): JsonMap {
  const hosts = externalEtcdNodes(cluster)
  const imageVersion = cluster.software.versions.etcd
  if (hosts.length === 0)
    return {
      local: {
        dataDir: etcdFolder,
        ...(imageVersion && { imageTag: `${imageVersion}-0` }),
        extraArgs: args({ 'auto-compaction-retention': '8', 'quota-backend-bytes': '8589934592' }),
      },
    }
  return {
    external: {
      endpoints: hosts.map(({ address, name }) => `https://${hostPort(address ?? name, 2379)}`),
      caFile: `${externalEtcdFolder}/ca.crt`,
      certFile: `${externalEtcdFolder}/client.crt`,
      keyFile: `${externalEtcdFolder}/client.key`,
    },
  }
}
