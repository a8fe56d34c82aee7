import type { Finding } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'
import { type GroundOptions, groundOf } from '../directories/ground.ts'
import type { Action, Answer, Planned, Resource } from '../resource.ts'
import { limitingMount, type Project, parseQuotas, type QuotaState, quotaProbe } from './probe.ts'
import { projectIds } from './project-ids.ts'

/** A directory and what it may hold. */
export interface LimitedDirectory {
  path: string
  bytes: number
}

export interface QuotaOptions extends GroundOptions {
  /** All directories are below it. */
  folder: string
}

/**
 * Limits for directories, by project quotas: none holds more than its PersistentVolume offers. They keep honest
 * programs from taking the space of others; a container that runs as root may still change the project of its files.
 */
export function quotas(wanted: readonly LimitedDirectory[], options: QuotaOptions): Resource {
  const ids = projectIds(wanted.map(({ path }) => path))
  const projects = wanted
    // The lines of the probe are taken apart at blanks.
    .filter(({ path }) => /^[\w/.:@%+-]+$/.test(path))
    .map(({ path, bytes }) => ({ path, id: ids.get(path)!, kibibytes: Math.ceil(bytes / 1024) }))
  return {
    target: 'limits of PersistentVolumes',
    probe: quotaProbe(options.folder, projects),
    plan: (answer) => planQuotas(projects, answer, options),
  }
}

/** A project on a file system that limits projects, or that may once it is mounted. */
interface Limited extends Project {
  mountPoint: string
  isMounted: boolean
}

function planQuotas(projects: readonly Project[], answer: Answer, options: QuotaOptions): Planned {
  const state = parseQuotas(answer, projects)
  const limited = projects.flatMap((one): Limited[] => {
    const ground = groundOf(one.path, state, options)
    if ('reason' in ground) return []
    if (!ground.isMounted) return [{ ...one, mountPoint: ground.path!, isMounted: false }]
    const mount = limitingMount(one.path, state)
    return mount ? [{ ...one, mountPoint: mount.path, isMounted: true }] : []
  })
  if (limited.length === 0) return { actions: [], findings: withoutLimits(projects, { state, options }) }
  if (!state.hasProgram && !options.mountedBefore)
    return { actions: [], findings: [withoutProgram(options.node)] }
  const open = limited.filter((one) => !one.isMounted || !isSet(one, state))
  const isFull = ({ path, isMounted }: Limited) => isMounted && state.full.has(path)
  const fitting = open.filter((one) => !isFull(one))
  const findings = open.filter(isFull).map(tooFull)
  return { actions: fitting.length > 0 ? [setLimits(fitting, state)] : [], findings }
}

function isSet({ path, id, mountPoint, kibibytes }: Limited, { projects, limits }: QuotaState): boolean {
  return projects.get(path) === id && limits.get(`${mountPoint} ${id}`) === kibibytes
}

function setLimits(limited: Limited[], { projects }: QuotaState): Action {
  const count = limited.length === 1 ? '1 directory' : `${limited.length} directories`
  return {
    action: 'update',
    title: `limit ${count} to what the PersistentVolumes offer`,
    after: limited.map(({ path, kibibytes }) => `${path}  at most ${kibibytes} KiB`),
    commands: [
      ...limitCommands(
        limited.filter(({ isMounted }) => isMounted),
        projects,
      ),
      ...limitsOnceMounted(limited.filter(({ isMounted }) => !isMounted)),
    ],
  }
}

// Whether a file system limits projects is seen when it is mounted.
function limitsOnceMounted(limited: Limited[]): string[] {
  const mountPoints = [...new Set(limited.map(({ mountPoint }) => mountPoint))]
  return mountPoints.map((mountPoint) => {
    const own = limited.filter((one) => one.mountPoint === mountPoint)
    const lines = limitCommands(own, new Map()).map((line) => `  ${line}`)
    const isOn = `findmnt -n -o OPTIONS --mountpoint ${quote(mountPoint)} | grep -q prjquota`
    return [`if ${isOn}; then`, ...lines, 'fi'].join('\n')
  })
}

function limitCommands(limited: Limited[], projects: QuotaState['projects']): string[] {
  const uncounted = limited.filter(({ path, id }) => projects.get(path) !== id)
  const mountPoints = [...new Set(limited.map(({ mountPoint }) => mountPoint))]
  return [
    ...uncounted.map(countCommand),
    ...mountPoints.map((mountPoint) => {
      const own = limited.filter((one) => one.mountPoint === mountPoint)
      const limits = own.map(({ id, kibibytes }) => `-c 'limit -p bhard=${kibibytes}k ${id}'`)
      // -f lets it speak to ext4.
      return `xfs_quota -x -f ${limits.join(' ')} ${quote(mountPoint)}`
    }),
  ]
}

// All that is in it, and by P all that comes. xfs_quota would set P on files too, which ext4 refuses.
function countCommand({ path, id }: Limited): string {
  const folders = `'(' -type d -exec chattr +P -p ${id} {} + ')'`
  return `find ${path} -xdev ${folders} -o '(' -type f -exec chattr -p ${id} {} + ')'`
}

function withoutProgram(node: string): Finding {
  return {
    severity: 'warning',
    message: 'directories of PersistentVolumes have no limits: xfs_quota is missing',
    hint: `tasks node:prepare ${node}`,
  }
}

function withoutLimits(
  projects: readonly Project[],
  { state, options }: { state: QuotaState; options: QuotaOptions },
): Finding[] {
  const there = projects.filter(({ path }) => !('reason' in groundOf(path, state, options)))
  if (there.length === 0) return []
  const message = `directories of PersistentVolumes have no limits: their file system does not count projects`
  return [{ severity: 'note', message }]
}

function tooFull({ path, kibibytes }: Project): Finding {
  return {
    severity: 'warning',
    message: `${path} holds more than the ${kibibytes} KiB of its PersistentVolume: it gets no limit`,
    hint: 'give it a larger size in cluster.yaml or .env, or make room in it',
  }
}
