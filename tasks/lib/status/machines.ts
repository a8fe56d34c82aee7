import type { Orphans } from '../addons/persistent-orphans.ts'
import type { Surveys } from '../addons/persistent-survey.ts'
import { numbered } from '../cli/plan/plan-counts.ts'
import type { MachineStatus, Status } from './model.ts'
import { byName, bytesText } from './words.ts'

/** What the machines told, by node. Pure. */
export function machineStatuses(surveys: Surveys, orphans: Orphans): MachineStatus[] {
  return [...surveys]
    .map(([node, { directories, syncs }]) => ({
      node,
      directories,
      orphans: orphans.directories.filter((one) => one.node === node).map(({ path }) => path),
      syncs,
    }))
    .sort((one, other) => byName(one.node, other.node))
}

/** One row for each machine: how many directories, how many have a limit, and the one that is nearest to it. */
export function directoryRows({ machines }: Status): string[][] {
  return machines.map(({ node, directories }) => {
    const limited = directories.filter(({ limitBytes }) => limitBytes)
    const share = ({ usedBytes = 0, limitBytes = 1 }: (typeof limited)[number]) => usedBytes / limitBytes
    const fullest = limited.sort((one, other) => share(other) - share(one))[0]
    const { path = '', usedBytes = 0, limitBytes = 0 } = fullest ?? {}
    return [
      node,
      numbered(directories.length, 'directory').replace('directorys', 'directories'),
      `${limited.length} limited`,
      fullest ? `fullest: ${path}, ${bytesText(usedBytes)} of ${bytesText(limitBytes)}` : '',
    ]
  })
}

/** One row for each synchronised folder: how its last run ended. */
export function syncRows({ machines }: Status): string[][] {
  return machines.flatMap(({ node, syncs }) =>
    syncs.map(({ name, folder, result, endedAt, conflicts, message }) => [
      name,
      `${node}:${folder}`,
      result === 'never' ? 'has not run yet' : `${result} ${endedAt ?? ''}`,
      conflicts === 0 ? 'no conflicts' : numbered(conflicts, 'conflict'),
      message,
    ]),
  )
}

/** What of it is not as it should be. */
export function machineProblems({ machines, volumes }: Pick<Status, 'machines' | 'volumes'>): string[] {
  const directories = machines.flatMap(({ node, orphans }) => orphans.map((path) => `${node}:${path}`))
  return [
    ...machines.flatMap(({ syncs }) =>
      syncs.flatMap(({ name, folder, result, message, conflicts }) => [
        ...(result === 'failed' ? [`synchronised folder ${name}: ${message}`] : []),
        ...(conflicts > 0
          ? [`synchronised folder ${name}: ${numbered(conflicts, 'conflict')} in ${folder}`]
          : []),
      ]),
    ),
    ...listed(volumes.orphans, 'orphan: in no definition, kept with its data: PersistentVolume'),
    ...listed(directories, 'orphan: no PersistentVolume is about the directory'),
  ]
}

function listed(names: string[], what: string): string[] {
  if (names.length === 0) return []
  const more = names.length > 3 ? ` and ${names.length - 3} more` : ''
  return [`${what} ${names.slice(0, 3).join(', ')}${more}`]
}
