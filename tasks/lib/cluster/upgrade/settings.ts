import { createHash } from 'node:crypto'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { ClusterNode, Config } from '../../config/model.ts'
import { encryptionFile as encryptionText } from '../../kubernetes/api-server/encryption-file.ts'
import { clusterConfiguration } from '../../kubernetes/kubeadm/cluster-configuration.ts'
import { kubeletConfiguration } from '../../kubernetes/kubeadm/component-configuration.ts'
import { yamlText } from '../../kubernetes/kubeadm/documents.ts'
import { initConfiguration } from '../../kubernetes/kubeadm/node-configuration.ts'
import { ownPrograms } from '../../node/kubeadm/own-programs.ts'
import { encryptionFile } from '../../node/kubeadm/paths.ts'
import type { Resource } from '../../node/resource.ts'
import { file } from '../../node/system/file.ts'
import type { ClusterScene } from '../cluster.ts'
import { networkRefusal } from '../setup/network-refusal.ts'
import { sharedTexts } from '../setup/shared-texts.ts'

/** What tells the settings that cluster.yaml asks for on a node from all others; the version has no part in it. */
export function settingsDigest(config: Config, { isControlPlane }: { isControlPlane: boolean }): string {
  const plain = atVersion(config, '1.0.0')
  const ofServers = [
    yamlText([clusterConfiguration(plain)]),
    ...sharedTexts(plain).map(({ content }) => content),
  ]
  const texts = [yamlText([kubeletConfiguration(plain)]), ...(isControlPlane ? ofServers : [])]
  return createHash('sha256').update(texts.join('---\n')).digest('hex').slice(0, 16)
}

/**
 * The files of a control plane that are no secret, as the configuration has them: all of them with `all`, else those
 * that are there. Where Secrets are in clear until now they stay so: the API server is given a file that encrypts
 * nothing, and encryption:rotate can go on from there.
 */
export function settingsFiles(
  config: Config,
  { present, all }: { present: Readonly<Record<string, string>>; all: boolean },
): Resource[] {
  const texts = sharedTexts(config).filter(({ path }) => all || path in present)
  const clear = [
    { path: encryptionFile, content: encryptionText([{ provider: 'identity', name: '', secret: '' }]) },
  ]
  return [...texts, ...(all && !(encryptionFile in present) ? clear : [])].map((text) =>
    file({ ...text, mode: '0600' }),
  )
}

/**
 * The command that puts the settings of cluster.yaml where kubeadm and every node read them; the version stays what the
 * cluster has. Made again it ends the same.
 */
export function uploadCommand(
  config: Config,
  { node, version }: { node: ClusterNode; version: string },
): string {
  const text = yamlText(initConfiguration(atVersion(config, version), node))
  // Looked at once more, right before: with another file than that no Secret could be read.
  const isOwn = `${ownPrograms}
case $(flag encryption-provider-config) in ''|${encryptionFile}) ;; *) exit 1 ;; esac`
  return `${isOwn}\nprintf %s ${quote(text)} | kubeadm init phase upload-config all --config /dev/stdin`
}

/**
 * Throws where an API server has its keys in another file than ours: started with ours, it could read none of the Secrets
 * that are encrypted with them.
 */
export function expectOwnKeys(nodes: readonly { node: ClusterNode; encryption?: string }[]): void {
  const other = nodes.find(({ encryption }) => encryption !== undefined && encryption !== encryptionFile)
  if (!other) return
  throw new TaskError(
    `the API server of ${other.node.name} has the keys of Secrets in ${other.encryption}, and ours are in ${encryptionFile}`,
    { hint: 'move that file there by hand first, on every control plane, with the flag that names it' },
  )
}

/** Throws where cluster.yaml describes another network than the cluster has. */
export function expectOwnNetwork({
  config,
  survey,
  controlPlanes,
}: Pick<ClusterScene, 'config' | 'survey' | 'controlPlanes'>): void {
  const [first] = controlPlanes
  const refusal = first && networkRefusal(config, survey.states.get(first.name)!)
  if (refusal) throw new TaskError(refusal.message, { hint: refusal.hint })
}

function atVersion(config: Config, kubernetesVersion: string): Config {
  return { ...config, cluster: { ...config.cluster, kubernetesVersion } }
}
