import type { Place } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import type { Action } from '../resource.ts'
import { textLines } from '../system/answers.ts'
import { writeCommands } from '../system/edit-commands.ts'
import {
  adminConfig,
  beginningFile,
  etcdFolder,
  kubeadmConfigFile,
  kubeletClientCertificate,
  kubeletConfig,
  restoredRecord,
  superAdminConfig,
} from './paths.ts'
import { asideCommand, emptyGuard, endCommands, indented, recordCommands, recordGuard } from './record.ts'
import { tokensGone } from './tokens.ts'
import { authorities, kubeconfigs, leaves } from './traces.ts'

export interface InitOptions {
  /** The configuration of kubeadm: no secret is in it. */
  config: string
  /** Files that the API server is started with; they have to be there. */
  needs: readonly string[]
  /** Stops where somebody's data is in an etcd on other hosts. */
  guards?: readonly string[]
  /** etcd runs on other hosts. */
  isEtcdExternal: boolean
  /** What is written on the token that kubeadm makes, and that nobody uses. */
  tokenDescription: string
  source?: Place
}

/** Looks whether the machine is bare, and records what is begun before anything is. */
export function begin(
  { config, guards = [] }: InitOptions,
  { isNew, isRestored, reached }: { isNew: boolean; isRestored: boolean; reached?: string },
): Action {
  const except = isRestored ? [`${etcdFolder}/member`, ...authorities] : []
  return {
    action: 'create',
    title: isNew ? 'begin a new cluster' : 'go on with the cluster that was begun here',
    after: textLines(config),
    commands: [
      ...(isNew
        ? [emptyGuard({ except }), ...guards]
        : [`test "$(cat ${beginningFile})" = 'init ${reached}'`]),
      ...writeCommands(kubeadmConfigFile, {
        bytes: Buffer.byteLength(config),
        mode: '0600',
        owner: 'root:root',
      }),
      ...(isNew ? recordCommands({ kind: 'init', reached: 'begun' }) : []),
    ],
    input: () => config,
  }
}

const withConfig = `--config ${kubeadmConfigFile}`

/** Lets kubeadm look at the machine. */
export function check(): Action {
  return {
    action: 'run',
    title: 'have kubeadm check the machine and pull images',
    commands: [recordGuard({ kind: 'init', reached: 'begun' }), `kubeadm init phase preflight ${withConfig}`],
  }
}

/** Makes certificates; those of a backup's authorities stay: etcd's data is of their cluster. */
export function certify(isRestored: boolean): Action {
  const kept = isRestored ? authorities : []
  const files = [...leaves, ...authorities, ...kubeconfigs].filter((file) => !kept.includes(file))
  return {
    action: 'create',
    title: isRestored ? 'make certificates by the authorities of the backup' : 'make certificates and keys',
    commands: [
      recordGuard({ kind: 'init', reached: 'begun' }),
      ...(isRestored ? [] : [`test ! -e ${etcdFolder}/member`]),
      asideCommand(files),
      `kubeadm init phase certs all ${withConfig}`,
      `kubeadm init phase kubeconfig all ${withConfig}`,
      ...recordCommands({ kind: 'init', reached: 'certified' }),
    ],
  }
}

/** Phases that ran before, and what nobody asked for: certificates for others, words about joining. */
const skipped = 'preflight,certs,kubeconfig,upload-certs,show-join-command'

// A power cut within the start may leave the kubelet a certificate without content, or a kubeconfig that names none.
const kubeletLogin = `if ! test -s ${kubeletConfig} || { grep -q ${kubeletClientCertificate} ${kubeletConfig} && ! test -s ${kubeletClientCertificate}; }; then
  systemctl stop kubelet
  ${indented(asideCommand([kubeletConfig, kubeletClientCertificate]))}
  kubeadm init phase kubeconfig kubelet ${withConfig}
fi`

/** Starts etcd and the API, and writes what kubeadm keeps in the cluster. */
export function start({ needs, isEtcdExternal }: InitOptions): Action {
  return {
    action: 'create',
    title: 'start the control plane',
    commands: [
      recordGuard({ kind: 'init', reached: 'certified' }),
      ...needs.map((file) => `test -s ${quote(file)}`),
      ...(isEtcdExternal ? [] : [`mkdir -p ${etcdFolder} && chmod 0700 ${etcdFolder}`]),
      kubeletLogin,
      `kubeadm init ${withConfig} --skip-phases ${skipped} --skip-token-print`,
      ...recordCommands({ kind: 'init', reached: 'started' }),
    ],
  }
}

/** Takes away what only the setup needed, its record last. */
export function finish({ tokenDescription }: InitOptions, isRestored: boolean): Action {
  return {
    action: 'update',
    title: 'take the token and the super-administrator of the setup away',
    commands: [
      recordGuard({ kind: 'init', reached: 'started' }),
      `test -s ${adminConfig}`,
      tokensGone(tokenDescription),
      `rm -f ${superAdminConfig} ${kubeadmConfigFile}`,
      ...(isRestored ? [`mv -f ${restoredRecord} ${restoredRecord}.used`] : []),
      ...endCommands,
    ],
    notes: [
      `if no rule lets anybody in any more, kubeadm makes ${superAdminConfig} again from the authority`,
    ],
  }
}
