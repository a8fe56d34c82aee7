import { TaskError } from '../../cli/errors.ts'
import type { Machine } from '../machine.ts'
import { backupPaths, backupUnit } from './paths.ts'

/** What a machine's own program wrote down of its backups. */
export interface BackupState {
  good?: GoodBackup
  bad?: BadBackup
  places: { label: string; good?: GoodBackup; bad?: BadBackup }[]
  /** Whether the timer that starts it is active, and when it starts next and started last. */
  isScheduled: boolean
  next?: Date
  last?: Date
}

export interface GoodBackup {
  time: Date
  set: string
}

/** A failure that no good backup followed. */
export interface BadBackup {
  /** Of the first and of the last one in a row. */
  since: Date
  time: Date
  reason: string
}

const script = [
  `cat ${backupPaths.state}/state.json 2>/dev/null || echo null`,
  `systemctl is-active -q ${backupUnit}.timer && echo scheduled || echo idle`,
  'for time in NextElapseUSecRealtime LastTriggerUSec; do',
  `  at=$(TZ=UTC systemctl show -p "$time" --value ${backupUnit}.timer)`,
  '  case $at in "" | n/a) echo - ;; *) date -d "$at" +%s || echo - ;; esac',
  'done',
].join('\n')

/** Asks a machine for the state of its backups. */
export async function readBackupState(machine: Machine, signal?: AbortSignal): Promise<BackupState> {
  const options = { title: 'read the state of its backups', signal, timeoutSeconds: 60 }
  const { stdout } = await machine.run(script, options)
  try {
    return backupState(stdout)
  } catch (error) {
    throw new TaskError(`${machine.label}: the state of its backups cannot be read`, {
      hint: `look at it: ssh ${machine.label} cat ${backupPaths.state}/state.json`,
      cause: error,
    })
  }
}

/** Reads what the script printed. */
export function backupState(stdout: string): BackupState {
  const [json, scheduled, next, last] = stdout.trim().split('\n')
  if (last === undefined) throw new Error('the answer was cut off')
  const kept = JSON.parse(json!)
  const places: Record<string, never>[] = kept?.places ?? []
  return {
    ...recordOf(kept),
    places: places.map((one) => ({ label: String(one.label), ...recordOf(one) })),
    isScheduled: scheduled === 'scheduled',
    ...timeOf('next', next!),
    ...timeOf('last', last),
  }
}

/** Why somebody should look after the backups of a machine; undefined where all is well. */
export function backupAlarm(state: BackupState, now: Date): string | undefined {
  const { good, bad, places, isScheduled, last } = state
  const lost = places.find((place) => place.bad)
  const lastGood = good ? `the last good one is of ${day(good.time)}` : 'there is no good one'
  if (bad) return `backups fail since ${day(bad.since)}, ${lastGood}: ${bad.reason}`
  if (lost) return `no copy in ${lost.label} since ${day(lost.bad!.since)}: ${lost.bad!.reason}`
  if (!isScheduled) return `no backups are made: ${backupUnit}.timer is not active; ${lastGood}`
  if (!good) return last ? 'the first backup did not end' : 'no backup was made yet'
  // It was started long ago, and neither a good nor a failed one came of it.
  const isLost = last && last > good.time && now.getTime() - last.getTime() > longestRun
  return isLost ? `the backup of ${day(last)} did not end, ${lastGood}` : undefined
}

/** As the service's own limit: TimeoutStartSec. */
const longestRun = 6 * 3_600_000

/** The moment in a name: "20261121T030000Z". */
function stampTime(stamp: string): Date {
  const time = new Date(stamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (Number.isNaN(time.getTime())) throw new Error(`no time: ${stamp}`)
  return time
}

interface Recorded {
  good?: { time: string; set: string } | null
  bad?: { time: string; since: string; reason: string } | null
}

function recordOf(recorded: Recorded | null): Pick<BackupState, 'good' | 'bad'> {
  const { good, bad } = recorded ?? {}
  return {
    ...(good && { good: { set: good.set, time: stampTime(good.time) } }),
    ...(bad && { bad: { reason: bad.reason, since: stampTime(bad.since), time: stampTime(bad.time) } }),
  }
}

function timeOf<Key extends string>(key: Key, seconds: string): { [K in Key]?: Date } {
  return seconds === '-' ? {} : ({ [key]: new Date(Number(seconds) * 1000) } as { [K in Key]: Date })
}

function day(time: Date): string {
  return time.toISOString().slice(0, 10)
}
