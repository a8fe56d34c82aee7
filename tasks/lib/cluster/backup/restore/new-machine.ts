import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { Change, Step } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import {
  authorityCommands,
  type NewMember,
  newDataCommands,
  progressScript,
  recordCommands,
} from '../../../node/etcd-backup/restore/new-machine-commands.ts'
import { kubernetesFolder } from '../../../node/kubeadm/paths.ts'
import { authorities } from '../../../node/kubeadm/traces.ts'
import type { Machine } from '../../../node/machine.ts'
import { runAction } from '../../../node/plan/run-action.ts'
import type { Action } from '../../../node/resource.ts'
import type { ClusterScene } from '../../cluster.ts'
import type { OpenedSet } from '../opened-set.ts'

/** What a cluster is known by; all other certificates are made anew for the machines that there are now. */
const authorityFiles = authorities.map((path) => path.replace(`${kubernetesFolder}/`, ''))

/** On machines without a cluster: authorities and data on the first control plane; `install` then sets it up on them. */
export async function newMachineSteps(
  set: OpenedSet,
  { config, survey, machine: machineOf, now, signal }: ClusterScene,
): Promise<Step[]> {
  const node = config.cluster.nodes.find(({ roles }) => roles.includes('control-plane'))
  if (!node) throw new TaskError('no node of cluster.yaml is a control plane')
  const machine = machineOf(node)
  const address = node.address ?? survey.states.get(node.name)?.address
  if (!address)
    throw new TaskError(`the address of ${node.name} is not known`, {
      hint: 'nodes: [{ name: …, address: … }]',
    })
  const { name, kubeSystemUid } = set.manifest
  const member: NewMember = {
    name: node.name,
    peerUrl: `https://${address.includes(':') ? `[${address}]` : address}:2380`,
    snapshot: createHash('sha256').update(set.snapshot).digest('hex'),
    record: { set: name, sha256: set.sha256, kubeSystemUid, at: now().toISOString() },
  }
  const title = 'look how far a restore is'
  const { stdout } = await machine.run(progressScript(set.sha256), { title, signal })
  const changes = actionsOf(member, { set, reached: stdout.trim() }).map((one) => changeOf(one, machine))
  const waves = changes.length > 0 ? [{ changes, parallel: 1 }] : []
  return [{ name: 'restored', title: `Put the cluster of ${name} on ${machine.label}`, waves, unchanged: [] }]
}

function actionsOf(member: NewMember, { set, reached }: { set: OpenedSet; reached: string }): Action[] {
  if (reached === 'restored') return []
  const record = {
    action: 'create' as const,
    title: 'record that it is restored',
    commands: recordCommands(member.record),
  }
  if (reached === 'moved') return [record]
  const present = authorityFiles.filter((path) => set.files.has(path))
  const lines = present.map((path) => `${path} ${set.files.get(path)!.toString('base64')}\n`)
  return [
    {
      action: 'create',
      title: 'put back the authorities of the cluster',
      after: present,
      commands: authorityCommands(),
      input: () => lines.join(''),
    },
    {
      action: 'create',
      title: 'restore the data of etcd',
      commands: newDataCommands(member),
      input: () => gzipSync(set.snapshot, { level: 1 }),
    },
  ]
}

function changeOf(action: Action, machine: Machine): Change {
  return {
    ...action,
    title: `${machine.label}: ${action.title}`,
    target: `${machine.label}: ${action.title}`,
    ...{ before: [], after: action.after ?? [], lane: machine.name },
    run: () => runAction(machine, action),
    verify: async () => {},
  }
}
