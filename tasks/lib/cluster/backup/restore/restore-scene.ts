import { createHash } from 'node:crypto'
import { TaskError } from '../../../cli/errors.ts'
import type { ClusterNode } from '../../../config/model.ts'
import { type MemberState, readMember, stages } from '../../../node/etcd-backup/restore/member-state.ts'
import type { Restore } from '../../../node/etcd-backup/restore/restore-commands.ts'
import type { ClusterScene } from '../../cluster.ts'
import { externalEtcdNodes } from '../../life/etcd-access.ts'
import { caHashOf, type OpenedSet } from '../opened-set.ts'
import type { RestoredKeys } from './restored-keys.ts'

type Scene = Pick<ClusterScene, 'config' | 'survey' | 'machine' | 'signal' | 'now'>

/** The control planes, and hosts of etcd, that are restored together. A TaskError where one of them does not answer. */
export function restoredNodes({ config, survey }: Pick<Scene, 'config' | 'survey'>): ClusterNode[] {
  const controlPlanes = config.cluster.nodes.filter(({ roles }) => roles.includes('control-plane'))
  const hosts = externalEtcdNodes(config)
  const gone = [...controlPlanes, ...hosts].filter(({ name }) => survey.unreachable.has(name))
  if (gone.length === 0) {
    const members = controlPlanes.filter(({ name }) => survey.states.get(name)?.isMember)
    return members.length > 0 ? [...members, ...hosts] : []
  }
  const names = gone.map(({ name }) => name).join(' and ')
  throw new TaskError(
    `${names} cannot be reached: its API server could go on with the data of today beside the restored one`,
    {
      findings: [
        {
          severity: 'error',
          message: `${names} cannot be reached: its API server could go on with the data of today beside the restored one`,
          hint: `switch it off for good and take it out of cluster.yaml, or bring it back; then restore`,
        },
        ...gone.map(({ name }) => survey.unreachable.get(name)!),
      ],
    },
  )
}

/** The restore of a set: a new one, or the one that a killed run has begun. */
export async function openRestore(
  set: OpenedSet,
  { scene, keys }: { scene: Scene; keys: RestoredKeys },
): Promise<Restore> {
  const nodes = restoredNodes(scene)
  expectSameCluster(set, { nodes, scene })
  const members = await Promise.all(nodes.map((node) => readMember(scene.machine(node), scene.signal)))
  return {
    id:
      begunId(set, members) ??
      scene
        .now()
        .toISOString()
        .replaceAll(/[-:]|\.\d+/g, ''),
    set: set.manifest.name,
    sha256: set.sha256,
    snapshot: createHash('sha256').update(set.snapshot).digest('hex'),
    ...(keys.file !== undefined && { keys: createHash('sha256').update(keys.file).digest('hex') }),
    members,
  }
}

// A backup of another cluster would leave certificates and tokens that nobody trusts.
function expectSameCluster(set: OpenedSet, { nodes, scene }: { nodes: ClusterNode[]; scene: Scene }): void {
  const wanted = caHashOf(set)
  const other = nodes.find(({ name }) => {
    const caHash = scene.survey.states.get(name)?.caHash
    return caHash !== undefined && wanted !== undefined && caHash !== wanted
  })
  if (!other) return
  throw new TaskError(
    `${set.title} is of another cluster: its certificate authority is not that of ${other.name}`,
    {
      hint: 'to have that cluster on these machines: tasks cluster:reset, then the same command again',
    },
  )
}

/** The restore that was begun and has to be finished; undefined where nothing was stopped yet that is not this one. */
function begunId(set: OpenedSet, members: MemberState[]): string | undefined {
  const open = members.flatMap(({ record }) => (record && record.stage !== 'finished' ? [record] : []))
  const begun = open.find(({ stage }) => stages.indexOf(stage) >= stages.indexOf('stopped')) ?? open[0]
  if (!begun) return undefined
  const isThis = begun.sha256 === set.sha256
  const isHarmless = open.every(({ stage }) => stages.indexOf(stage) < stages.indexOf('stopped'))
  const isHalfDone = members.some(({ record }) => record?.id === begun.id && record.stage === 'finished')
  if (isThis) return begun.id
  if (isHarmless && !isHalfDone) return undefined
  throw new TaskError(`the restore of ${begun.set} was begun here and is not finished`, {
    hint: `finish it first: tasks etcd:restore ${begun.set}`,
  })
}
