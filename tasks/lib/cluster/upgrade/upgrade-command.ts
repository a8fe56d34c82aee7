import { quote } from '../../cli/process/quote.ts'
import type { Config } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { upgradeConfiguration } from '../../kubernetes/kubeadm/upgrade-configuration.ts'
import { recordFolder } from '../../node/kubeadm/paths.ts'
import { written } from '../../node/kubeadm/record.ts'

/** On each node: the version that kubeadm has taken it to, and the digest of its settings, once that came to its end. */
export const upgradeRecord = `${recordFolder}/upgraded`

export interface UpgradeStep {
  version: string
  /** It is the first control plane: kubeadm takes the whole cluster there. */
  isFirst: boolean
  /** The digest of its settings from then on; empty where that is not known. */
  settings: string
  /** What has to be started anew, for it to hear of other settings. */
  restarts: string[]
}

/**
 * The commands that take a node to a version: `apply` on the first control plane, `node` on all others. Its configuration
 * holds no secret, so it stands in the plan; nothing in it is forced.
 */
export function upgradeCommands(
  config: Pick<Config, 'cluster'>,
  { version, isFirst, settings, restarts }: UpgradeStep,
): string[] {
  const text = yamlText(upgradeConfiguration(config, { version }))
  const command = isFirst ? 'kubeadm upgrade apply --yes' : 'kubeadm upgrade node'
  return [
    `printf %s ${quote(text)} | ${command} --config /dev/stdin`,
    ...restarts,
    written,
    `install -d -m 0700 ${recordFolder}`,
    `echo '${version} ${settings}' >${upgradeRecord}.next && mv -f ${upgradeRecord}.next ${upgradeRecord}`,
  ]
}
