import type { ClusterNode } from '../../config/model.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { lateFile } from '../../node/kubeadm/late-file.ts'
import { encryptionFile } from '../../node/kubeadm/paths.ts'
import type { NodeStep } from '../../node/plan/plan-nodes.ts'
import type { Resource } from '../../node/resource.ts'
import { file } from '../../node/system/file.ts'
import type { EncryptionKeys } from '../material.ts'
import { blockedResource } from './blocked.ts'
import { memberFiles } from './member-files.ts'
import type { SetupScene } from './scene.ts'
import { encryptionContent, sharedTexts } from './shared-texts.ts'

/** What the API server of each control plane is started with, there before kubeadm runs. */
export async function controlPlaneFilesWork(
  scene: SetupScene,
  { keys }: { keys: EncryptionKeys },
): Promise<NodeStep['work']> {
  const { machines, nodes, survey } = scene
  const planes = nodes.filter(({ roles }) => roles.includes('control-plane'))
  if (planes.length === 0) return []
  const kept = await keys.kept()
  const refusal = kept ? undefined : await keys.refusal()
  return planes.map((node) => {
    const state = survey.states.get(node.name)
    const options = { node, keys, kept }
    const resources = state?.isControlPlane
      ? memberFiles(scene, { ...options, state })
      : refusal
        ? [blockedResource('keys of encryption at rest', { title: 'make a key for Secrets', why: refusal })]
        : newFiles(scene, options)
    return { machine: machines.of(node), resources }
  })
}

interface OfNode {
  node: ClusterNode
  keys: EncryptionKeys
  kept: EncryptionKey[] | undefined
}

function newFiles({ config, standing }: SetupScene, { node, keys, kept }: OfNode): Resource[] {
  const source = node.place
  const plain = sharedTexts(config).map((text) => file({ ...text, mode: '0600', source }))
  if (!kept && standing.kind === 'made') return [...plain, keysOfOthers(keys)]
  return [
    ...plain,
    lateFile({
      path: encryptionFile,
      known: kept && encryptionContent(kept),
      // As long as every other one: names and secrets have one length.
      bytes: Buffer.byteLength(encryptionContent([sampleKey])),
      make: async () => encryptionContent(await keys.keptOrMade()),
      source,
    }),
  ]
}

const sampleKey = { name: 'key-20260101000000', secret: `${'A'.repeat(43)}=` }

function keysOfOthers({ shown }: EncryptionKeys): Resource {
  return blockedResource('keys of encryption at rest', {
    title: `write ${encryptionFile}`,
    why: {
      severity: 'error',
      message: `the keys of this cluster are not in ${shown} yet`,
      hint: 'take them over first, without the new control plane: tasks install --only control-plane-files',
    },
  })
}
