import { numbered } from '../cli/plan/plan-counts.ts'
import { durationText } from '../cli/terminal/clock.ts'
import type { AddonStatus, NodeStatus, Status, VolumeGroup } from './model.ts'

/** "simulated" where a readiness has no real machine behind it; otherwise the state itself. */
export function stateWord({ state, simulated }: { state: string; simulated: boolean }): string {
  return state === 'ready' && simulated ? 'simulated' : state
}

/** "ready", "simulated", "not ready", and "cordoned" beside it. */
export function nodeWord(node: NodeStatus): string {
  return `${stateWord(node)}${node.cordoned ? ', cordoned' : ''}`
}

/** "8 GiB", "500 MiB": whole above ten of a unit, one digit below. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  const value = bytes / 2 ** (10 * power)
  return `${numberText(value)} ${units[power]}`
}

/** At most one digit after the point, and none where it says nothing. */
export function numberText(value: number): string {
  return value >= 10 || Number.isInteger(value) ? String(Math.round(value)) : String(Number(value.toFixed(1)))
}

/** "27 of 30 available, 2 bound, 1 released" */
export function volumeWords({ count, available, bound, released, failed }: VolumeGroup): string {
  const others = [
    bound > 0 ? `${bound} bound` : '',
    released > 0 ? `${released} released` : '',
    failed > 0 ? `${failed} failed` : '',
  ]
  return [`${available} of ${count} available`, ...others.filter(Boolean)].join(', ')
}

/** "installed", "differs", "installed, retired" */
export function addonWord(addon: AddonStatus): string {
  const word = addonNote(addon) ? 'differs' : addon.state
  return addon.retired ? `${word}, retired` : word
}

/** What the configuration says of an add-on where something else runs; else empty. */
export function addonNote({ state, running, configured }: AddonStatus): string {
  return state === 'installed' && running !== configured ? `the configuration says ${configured}` : ''
}

/** In the order in which people count: kube2 before kube10. */
export function byName(one: string, other: string): number {
  return one.localeCompare(other, 'en', { numeric: true })
}

/** "install: done in 11s, 192 changes, 2026-11-21 11:08:45 UTC" */
export function runWords({
  task,
  outcome,
  seconds,
  changes,
  changesDone,
  startedAt,
  stoppedAt,
}: Run): string {
  const time =
    seconds === undefined
      ? ''
      : outcome === 'done'
        ? ` in ${durationText(seconds)}`
        : ` after ${durationText(seconds)}`
  const at = outcome !== 'done' && stoppedAt ? ` at ${stoppedAt}` : ''
  const made =
    outcome === 'done' ? numbered(changesDone, 'change') : `${changesDone} of ${numbered(changes, 'change')}`
  return `${task}: ${outcome}${at}${time}, ${made}, ${timeText(startedAt)}`
}

type Run = NonNullable<Status['lastRun']>

/** "2026-11-21 11:08:45 UTC" of an ISO time. */
export function timeText(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')
}
