import type { Finding } from '../../cli/errors.ts'
import type { Action, Planned, Resource } from '../resource.ts'
import {
  disableCommands,
  keepEtcdCommands,
  keepFilesCommands,
  keepMostFilesCommands,
  resetCommands,
  stopCommands,
  unmountCommands,
} from './reset-commands.ts'
import { type ResetState, resetProbe, resetState } from './reset-state.ts'

export interface ResetOptions {
  /** The node's name, for errors. */
  node: string
  /** etcd on this machine is not kubeadm's: it stays as it is. */
  keepsEtcd: boolean
}

/** A machine without Kubernetes: what was etcd's or kubeadm's is renamed, volumes and all other data stay. */
export function resetResource(options: ResetOptions): Resource {
  return {
    target: 'reset of Kubernetes',
    probe: resetProbe,
    plan: (answer) => planReset(resetState(answer), options),
    // systemd and containerd take a moment to let go.
    settleSeconds: 30,
  }
}

/** A machine whose kubelet and pods do not run, and do not start again; nothing is taken away. */
export function stoppedResource(): Resource {
  return {
    target: 'kubelet and pods',
    probe: resetProbe,
    plan(answer) {
      const { isKubeletActive, isKubeletEnabled } = resetState(answer)
      if (!isKubeletActive && !isKubeletEnabled) return { actions: [] }
      return {
        actions: [
          {
            action: 'run',
            title: 'stop the kubelet and all pods, for good',
            commands: [...disableCommands, ...stopCommands],
          },
        ],
      }
    },
  }
}

/** What is left to do, by what is there. */
function planReset(state: ResetState, { node, keepsEtcd }: ResetOptions): Planned {
  const hasEtcd = state.hasEtcdData && !keepsEtcd
  if (!state.hasFiles && !hasEtcd && !state.hasKubelet) return { actions: [] }
  const blocked = refusal(state, node)
  const filesCommands = keepsEtcd ? keepMostFilesCommands : keepFilesCommands
  const actions: Action[] = [
    { action: 'run', title: 'stop the kubelet and all pods', commands: stopCommands },
    {
      action: 'run',
      title: 'take away what pods had mounted',
      commands: unmountCommands,
      notes: ['what is on these volumes stays'],
    },
    ...(hasEtcd ? [kept('the data of etcd', '/var/lib/etcd', keepEtcdCommands)] : []),
    ...(state.hasFiles ? [kept('the files of Kubernetes', '/etc/kubernetes', filesCommands)] : []),
    {
      action: 'delete',
      title: 'reset what is left by kubeadm',
      before: ['/var/lib/kubelet, containers of pods'],
      commands: resetCommands,
    },
  ]
  return { actions: actions.map((action) => ({ ...action, ...(blocked && { blocked }) })) }
}

function kept(what: string, folder: string, commands: string[]): Action {
  return {
    action: 'update',
    title: `put ${what} aside`,
    before: [folder],
    after: [`${folder}.bak-TIME`],
    commands,
    notes: [`it stays there, keys included: remove it when nobody needs it any more`],
  }
}

function refusal({ dataMounts }: ResetState, node: string): Finding | undefined {
  if (dataMounts.length === 0) return undefined
  return {
    severity: 'error',
    message: `${dataMounts.join(', ')} ${dataMounts.length === 1 ? 'is' : 'are'} mounted below /var/lib/kubelet, where kubeadm reset deletes`,
    hint: `unmount it on ${node} first: umount ${dataMounts[0]}`,
  }
}
