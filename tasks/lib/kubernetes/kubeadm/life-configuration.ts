import type { Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import { criSocket, kubeadmVersion, timeouts } from './documents.ts'

type Clustered = Pick<Config, 'cluster'>

/** What a node is upgraded with: nothing forced, certificates renewed on the way. */
export function upgradeConfiguration(config: Clustered, { version }: { version: string }): JsonMap[] {
  const { ignorePreflightErrors } = config.cluster.kubeadm
  const both = {
    certificateRenewal: true,
    etcdUpgrade: true,
    ...(ignorePreflightErrors.length > 0 && { ignorePreflightErrors }),
    imagePullPolicy: 'IfNotPresent',
    imagePullSerial: false,
  }
  return [
    {
      apiVersion: kubeadmVersion,
      kind: 'UpgradeConfiguration',
      apply: { kubernetesVersion: `v${version}`, forceUpgrade: false, ...both },
      node: both,
      ...timeouts(config),
    },
  ]
}

/** What a node is taken out of the cluster with. It asks nothing: who runs it has asked. */
export function resetConfiguration(
  config: Clustered,
  { skipPhases = [] }: { skipPhases?: string[] } = {},
): JsonMap[] {
  const { ignorePreflightErrors } = config.cluster.kubeadm
  return [
    {
      apiVersion: kubeadmVersion,
      kind: 'ResetConfiguration',
      criSocket,
      force: true,
      ...(ignorePreflightErrors.length > 0 && { ignorePreflightErrors }),
      ...(skipPhases.length > 0 && { skipPhases }),
      ...timeouts(config),
    },
  ]
}
