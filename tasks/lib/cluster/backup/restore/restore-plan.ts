import { gzipSync } from 'node:zlib'
import type { Change, Step } from '../../../cli/change.ts'
import { TaskError } from '../../../cli/errors.ts'
import {
  type MemberState,
  readMember,
  type Stage,
  stages,
} from '../../../node/etcd-backup/restore/member-state.ts'
import {
  bringKeysCommands,
  exchangeCommands,
  finishCommands,
  keptFolder,
  prepareCommands,
  type Restore,
  startEtcdCommands,
  startServerCommands,
  stopCommands,
} from '../../../node/etcd-backup/restore/restore-commands.ts'
import { runAction } from '../../../node/plan/run-action.ts'
import type { Action } from '../../../node/resource.ts'
import type { OpenedSet } from '../opened-set.ts'
import type { RestoredKeys } from './restored-keys.ts'

/** The steps of a restore that are left: each is done on all members before the next one begins on any. */
export function restoreSteps(
  restore: Restore,
  { set, keys }: { set: OpenedSet; keys: RestoredKeys },
): Step[] {
  const packed = gzipSync(set.snapshot, { level: 1 })
  const step = (stage: Stage, title: string, actions: (member: MemberState) => Action[]): Step => {
    const left = restore.members.filter((member) => isBefore(member, { stage, restore }))
    const changes = left.flatMap((member) =>
      actions(member).map((one) => changeOf(one, { member, restore, stage })),
    )
    // etcd answers only once a majority has started: nobody may wait for a turn.
    const waves = changes.length > 0 ? [{ changes, parallel: restore.members.length, gate: true }] : []
    return { name: stage, title, waves, unchanged: [] }
  }
  const run = (title: string, commands: string[], more: Partial<Action> = {}): Action => ({
    ...{ action: 'run', title, commands },
    ...more,
  })
  const { file } = keys
  const keysAction = run(
    'bring the encryption keys of that time',
    bringKeysCommands(Buffer.byteLength(file ?? '')),
    {
      input: () => file!,
    },
  )
  return [
    step('prepared', 'Restore the snapshot beside the data that is there', (member) => [
      ...(file === undefined ? [] : [keysAction]),
      run(`restore the snapshot for member ${member.name}`, prepareCommands(member, restore), {
        input: () => packed,
      }),
    ]),
    step('stopped', 'Stop API servers and etcd', (member) => [
      run('stop the API server and etcd', stopCommands(member, restore), {
        notes: ['pods go on; nothing can be changed in the cluster until the API servers are back'],
      }),
    ]),
    step('exchanged', 'Exchange the data', (member) => [
      run(
        `exchange the data of etcd; what was there stays at ${keptFolder(member, restore)}`,
        exchangeCommands(member, restore),
      ),
    ]),
    step('etcd', 'Start etcd', (member) => [run('start etcd', startEtcdCommands(member, restore))]),
    step('serving', 'Start API servers', (member) => [
      run('start the API server', startServerCommands(member, restore)),
    ]),
    step('finished', 'Have controllers and kubelets begin anew', () => [
      run('restart scheduler, controller-manager and kubelet', finishCommands(restore)),
    ]),
  ]
}

function isBefore({ record }: MemberState, { stage, restore }: { stage: Stage; restore: Restore }): boolean {
  return record?.id !== restore.id || stages.indexOf(record.stage) < stages.indexOf(stage)
}

function changeOf(
  action: Action,
  { member, restore, stage }: { member: MemberState; restore: Restore; stage: Stage },
): Change {
  const { machine } = member
  const { title, commands, notes } = action
  return {
    action: action.action,
    title: `${machine.label}: ${title}`,
    target: `${machine.label}: ${title}`,
    ...{ before: [], after: [], commands, notes, lane: machine.name },
    run: ({ signal }) => {
      signal.throwIfAborted()
      return runAction(machine, action)
    },
    verify: async ({ signal }) => {
      const { record } = await readMember(machine, signal)
      const isDone = record?.id === restore.id && stages.indexOf(record.stage) >= stages.indexOf(stage)
      if (isDone) return
      throw new TaskError(
        `${machine.label}: the restore is at "${record?.stage ?? 'nothing'}", not yet ${stage}`,
        {
          hint: 'run the same command again: it goes on from here',
        },
      )
    },
  }
}
