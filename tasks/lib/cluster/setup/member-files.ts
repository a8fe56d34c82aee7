import type { Finding } from '../../cli/errors.ts'
import type { ClusterNode } from '../../config/model.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { readEncryptionFile } from '../../kubernetes/api-server/encryption-file.ts'
import type { KubernetesState } from '../../node/kubeadm/kubernetes-state.ts'
import { encryptionFile, superAdminConfig } from '../../node/kubeadm/paths.ts'
import type { Action, Resource } from '../../node/resource.ts'
import type { EncryptionKeys } from '../material.ts'
import { blockedResource, remarks } from './blocked.ts'
import { endpointRemark } from './endpoint-name.ts'
import { networkRefusal } from './network-refusal.ts'
import type { SetupScene } from './scene.ts'
import { digestOf, encryptionContent, sharedTexts } from './shared-texts.ts'

interface OfMember {
  node: ClusterNode
  state: KubernetesState
  keys: EncryptionKeys
  kept: EncryptionKey[] | undefined
}

/**
 * What is to be said of the files of a control plane that runs: they are changed where its API server is restarted, one
 * after the other, and nowhere else. Keys of a cluster that was made by hand are taken over.
 */
export function memberFiles(scene: SetupScene, member: OfMember): Resource[] {
  const { state } = member
  const differing = sharedTexts(scene.config).filter(
    ({ path, content }) => state.files[path] !== digestOf(content),
  )
  const notes = differing.map(({ path }): Finding => {
    const what = state.files[path] ? 'is another one than the configuration gives' : 'is not there'
    return {
      severity: 'note',
      message: `${path} ${what}: its API server runs without it`,
      hint: 'to have it on all control planes: tasks cluster:upgrade --settings',
    }
  })
  const endpoint = endpointRemark(scene.config, state)
  if (endpoint) notes.push(endpoint)
  if (hasSuperAdmin(state)) notes.push(superAdmin)
  return [
    ...network(scene, state),
    ...(notes.length > 0 ? [remarks('files of the control plane', notes)] : []),
    ...encryption(scene, member),
  ]
}

function hasSuperAdmin({ certificates }: KubernetesState): boolean {
  return certificates.some(({ file }) => file === superAdminConfig)
}

const superAdmin: Finding = {
  severity: 'note',
  message: `${superAdminConfig} is there: whoever reads it is an administrator whom no rule of the cluster can stop`,
  hint: `rm ${superAdminConfig}; where it is ever needed: kubeadm init phase kubeconfig super-admin`,
}

function network({ config }: SetupScene, state: KubernetesState): Resource[] {
  const why = networkRefusal(config, state)
  return why
    ? [blockedResource('network of the cluster', { title: 'change the network of the cluster', why })]
    : []
}

function encryption({ standing }: SetupScene, { node, state, keys, kept }: OfMember): Resource[] {
  const present = state.files[encryptionFile]
  if (kept && present !== digestOf(encryptionContent(kept))) {
    const why = present
      ? `${encryptionFile} has other keys than ${keys.shown}, or another order of them`
      : `${encryptionFile} is not there: Secrets are stored in clear, or encrypted by another file`
    const hint = present ? 'tasks encryption:rotate' : filesFirst
    const finding: Finding = { severity: 'error', message: why, hint }
    return [
      blockedResource('keys of encryption at rest', { title: `change ${encryptionFile}`, why: finding }),
    ]
  }
  const isFirst = standing.kind === 'made' && standing.controlPlanes[0]?.name === node.name
  if (kept || !isFirst) return []
  if (present) return [takenOver(keys)]
  return [remarks('keys of encryption at rest', [{ ...notKept(keys), hint: filesFirst }])]
}

/** An API server that is started without the file cannot be given a key. */
const filesFirst = 'tasks cluster:upgrade --settings, then tasks encryption:rotate'

function notKept({ shown }: EncryptionKeys): Finding {
  return {
    severity: 'note',
    message: `${shown} has no key: Secrets are stored in clear, or encrypted in another way than ours`,
    hint: 'tasks encryption:rotate',
  }
}

/** The keys of a cluster that this project does not have yet, out of the file of a control plane. */
function takenOver(keys: EncryptionKeys): Resource {
  let isDone = false
  const action: Action = {
    action: 'adopt',
    title: `keep the keys of the cluster in ${keys.shown}`,
    commands: [`cat ${encryptionFile}`],
    async output(text) {
      const read = readEncryptionFile(text, { shown: encryptionFile })
      await keys.keep(read.map(({ name, secret }) => ({ name, secret })))
      isDone = true
    },
  }
  return {
    target: 'keys of encryption at rest',
    probe: providers,
    plan: ({ stdout }) => {
      if (stdout.trim() !== 'secretbox') return { actions: [], findings: [notKept(keys)] }
      return { actions: isDone ? [] : [action] }
    },
  }
}

/** Prints how the file encrypts, and no key. */
const providers = `sed -n 's/^[ -]*\\(secretbox\\|aescbc\\|aesgcm\\|kms\\|identity\\):.*/\\1/p' ${encryptionFile} | sort -u`
