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
export function restoreSteps(restore: Restore, content: Content): Step[] {
  const packed = gzipSync(content.set.snapshot, { level: 1 })
  const actions = stageActions(restore, { file: content.keys.file, packed })
  return Object.entries(titles).map(([name, title]) => {
    const stage = name as Stage
    const left = restore.members.filter((member) => isBefore(member, { stage, restore }))
    const changes = left.flatMap((member) =>
      actions[stage](member).map((action) => changeOf(action, { member, restore, stage })),
    )
    // etcd answers only once a majority has started: nobody may wait for a turn.
    const waves = changes.length > 0 ? [{ changes, parallel: restore.members.length, gate: true }] : []
    return { name, title, waves, unchanged: [] }
  })
}

interface Content {
  set: Pick<OpenedSet, 'snapshot'>
  keys: RestoredKeys
}

const titles: Partial<Record<Stage, string>> = {
  prepared: 'Restore the snapshot beside the data that is there',
  stopped: 'Stop API servers and etcd',
  exchanged: 'Exchange the data',
  etcd: 'Start etcd',
  serving: 'Start API servers',
  finished: 'Have controllers and kubelets begin anew',
}

type Actions = Record<Stage, (member: MemberState) => Action[]>

// On hosts of etcd alone there is no API server, on control planes beside them no etcd.
function stageActions(restore: Restore, { file, packed }: { file?: string; packed: Buffer }): Actions {
  const run = (title: string, commands: string[], more: Partial<Action> = {}): Action[] => [
    { action: 'run', title, commands, ...more },
  ]
  return {
    begun: () => [],
    prepared: (member) => [
      ...(file !== undefined && member.server ? run(...bringKeys(file)) : []),
      ...run(
        member.etcd ? `restore the snapshot for member ${member.etcd.name}` : 'get ready',
        prepareCommands(member, restore),
        {
          ...(member.etcd && { input: () => packed }),
        },
      ),
    ],
    stopped: (member) => run(`stop ${running(member)}`, stopCommands(member, restore), { notes: [stopNote] }),
    exchanged: (member) => run(exchangeTitle(member, restore), exchangeCommands(member, restore)),
    etcd: (member) => run(member.etcd ? 'start etcd' : 'wait for etcd', startEtcdCommands(member, restore)),
    serving: (member) =>
      member.server ? run('start the API server', startServerCommands(member, restore)) : [],
    finished: (member) =>
      run(
        member.server ? 'restart scheduler, controller-manager and kubelet' : 'record that it is restored',
        finishCommands(member, restore),
      ),
  }
}

const stopNote = 'pods go on; nothing can be changed in the cluster until the API servers are back'

function bringKeys(file: string): [string, string[], Partial<Action>] {
  const commands = bringKeysCommands(Buffer.byteLength(file))
  return ['bring the encryption keys of that time', commands, { input: () => file }]
}

function running({ etcd, server }: MemberState): string {
  return [...(server ? ['the API server'] : []), ...(etcd ? ['etcd'] : [])].join(' and ')
}

function exchangeTitle({ etcd }: MemberState, restore: Restore): string {
  if (!etcd) return 'take the encryption keys of that time'
  return `exchange the data of etcd; what was there stays at ${keptFolder(etcd, restore)}`
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
