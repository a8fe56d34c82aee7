import { quote } from '../../cli/process/quote.ts'
import type { Config } from '../../config/model.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { upgradeConfiguration } from '../../kubernetes/kubeadm/life-configuration.ts'

/**
 * The command that takes a node to a version: `apply` on the first control plane, `node` on all others. Its configuration
 * holds no secret, so it stands in the plan; nothing in it is forced.
 */
export function upgradeCommand(
  config: Pick<Config, 'cluster'>,
  { version, isFirst }: { version: string; isFirst: boolean },
): string {
  const text = yamlText(upgradeConfiguration(config, { version }))
  const command = isFirst ? 'kubeadm upgrade apply --yes' : 'kubeadm upgrade node'
  return `printf %s ${quote(text)} | ${command} --config /dev/stdin`
}
