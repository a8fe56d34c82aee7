import type { Config } from '../../config/model.ts'
import type { JsonMap } from '../../manifest/object.ts'
import { kubeadmVersion, timeouts } from './documents.ts'

/** What a node is upgraded with: nothing forced, certificates renewed on the way. */
export function upgradeConfiguration(
  config: Pick<Config, 'cluster'>,
  { version }: { version: string },
): JsonMap[] {
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
