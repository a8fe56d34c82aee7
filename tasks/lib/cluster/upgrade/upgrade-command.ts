import { quote } from '../../cli/process/quote.ts'
import type { Config } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { upgradeConfiguration } from '../../kubernetes/kubeadm/life-configuration.ts'
import { recordFolder } from '../../node/kubeadm/paths.ts'

/** On each node: the version that kubeadm has taken it to, once it came to its end. */
export const upgradeRecord = `${recordFolder}/upgraded`

/**
 * The commands that takes a node to a version: `apply` on the first control plane, `node` on all others. Its configuration
 * holds no secret, so it stands in the plan; nothing in it is forced.
 */
export function upgradeCommands(
  config: Pick<Config, 'cluster'>,
  { version, isFirst }: { version: string; isFirst: boolean },
): string[] {
  const text = yamlText(upgradeConfiguration(config, { version }))
  const command = isFirst ? 'kubeadm upgrade apply --yes' : 'kubeadm upgrade node'
  return [
    `printf %s ${quote(text)} | ${command} --config /dev/stdin`,
    `install -d -m 0700 ${recordFolder}`,
    `echo ${version} >${upgradeRecord}.next && mv -f ${upgradeRecord}.next ${upgradeRecord}`,
  ]
}
