import { createHash } from 'node:crypto'
import { errorFindings } from '../../cli/commands/error-findings.ts'
import { type Finding, TaskError } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { type BackupSet, fetchSet, listSets, type PlacedSet } from '../../node/etcd-backup/sets.ts'
import { backupAlarm, readBackupState } from '../../node/etcd-backup/state.ts'
import type { ClusterScene } from '../cluster.ts'

/** A set with all places where it is. */
export interface KnownSet {
  set: BackupSet
  placed: PlacedSet[]
}

/** All sets that the control planes know of, the newest first, and what is wrong with backups. */
export async function knownSets(
  scene: Pick<ClusterScene, 'config' | 'survey' | 'machine' | 'signal' | 'now'>,
): Promise<{ sets: KnownSet[]; findings: Finding[] }> {
  const { config, survey, signal } = scene
  const nodes = config.cluster.nodes.filter(
    ({ name, roles }) => roles.includes('control-plane') && survey.states.has(name),
  )
  const findings: Finding[] = [...survey.unreachable.values()]
  const all = await Promise.all(
    nodes.map(async (node) => {
      const machine = scene.machine(node)
      try {
        const alarm = backupAlarm(await readBackupState(machine, signal), scene.now())
        if (alarm) findings.push({ severity: 'warning', message: `${machine.label}: ${alarm}` })
        return await listSets(machine, signal)
      } catch (error) {
        signal.throwIfAborted()
        findings.push(...errorFindings(error))
        return []
      }
    }),
  )
  return { sets: bySet(all.flat(), findings), findings }
}

function bySet(placed: PlacedSet[], findings: Finding[]): KnownSet[] {
  const known = new Map<string, KnownSet>()
  for (const one of placed) {
    const { set, label, problem, machine } = one
    if (problem !== undefined)
      findings.push({ severity: 'warning', message: `${machine.label}: ${label}: ${problem}` })
    if (!set) continue
    const present = known.get(set.name) ?? { set, placed: [] }
    if (!present.placed.some((other) => other.label === label)) present.placed.push(one)
    known.set(set.name, present)
  }
  return [...known.values()].sort((a, b) => (a.set.time < b.set.time ? 1 : -1))
}

/** A set by its name, or the newest; brought here and compared with its checksum. The first place that has it whole counts. */
export async function fetchKnown(
  name: string,
  scene: Parameters<typeof knownSets>[0],
): Promise<{ set: BackupSet; bytes: Buffer }> {
  const { sets, findings } = await knownSets(scene)
  const chosen = name === 'latest' ? sets[0] : sets.find(({ set }) => set.name === name)
  if (!chosen) throw noSuchSet(name, { sets, findings })
  const problems: Finding[] = []
  for (const placed of chosen.placed) {
    try {
      const bytes = await fetchSet(placed, scene.signal)
      const sha256 = createHash('sha256').update(bytes).digest('hex')
      if (sha256 === chosen.set.sha256) return { set: chosen.set, bytes }
      problems.push({
        severity: 'error',
        message: `${placed.label}: it came and is another file than was copied there`,
      })
    } catch (error) {
      scene.signal.throwIfAborted()
      problems.push(...errorFindings(error))
    }
  }
  throw new TaskError(`${chosen.set.name} could not be fetched from any place`, { findings: problems })
}

function noSuchSet(name: string, { sets, findings }: { sets: KnownSet[]; findings: Finding[] }): TaskError {
  const names = sets.map(({ set }) => set.name)
  const message = name === 'latest' ? 'no backup was found in any place' : `no backup is named ${name}`
  const hint =
    didYouMean(name, names) ??
    (names.length > 0 ? 'tasks etcd:backups lists all' : 'a file works too: tasks etcd:restore FILE.age')
  return new TaskError(message, {
    findings: [
      { severity: 'error', message, hint },
      ...findings.map((one) => ({ ...one, severity: 'warning' as const })),
    ],
  })
}
