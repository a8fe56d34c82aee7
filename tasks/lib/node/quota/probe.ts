import { quote } from '../../cli/process/quote.ts'
import type { MountState } from '../directories/ground.ts'
import { type Mount, mountOf, parseFstab, parseMounts } from '../directories/mounts.ts'
import { mountProbe } from '../directories/probe.ts'
import type { Answer } from '../resource.ts'

/** A directory, what it may hold, and the project that it is counted as. */
export interface Project {
  path: string
  id: number
  kibibytes: number
}

/** What a machine says of these projects. */
export interface QuotaState extends MountState {
  /** Project of each directory that is there; 0 for none. */
  projects: Map<string, number>
  /** Limits in KiB by mount point and project id, as "/srv 1073741825"; 0 for none. */
  limits: Map<string, number>
  /** Directories that hold more than they may. */
  full: Set<string>
  /** Has xfs_quota, which speaks to ext4 as well. */
  hasProgram: boolean
}

const atOnce = 500

/**
 * Shell that tells the project of each directory, and the limit of each project. Of what is used it tells only whether
 * it is too much, so that the answer stays the same while programs write.
 */
export function quotaProbe(folder: string, wanted: readonly Project[]): string {
  const paths = wanted.map(({ path }) => quote(path))
  const listed: string[] = []
  for (let index = 0; index < paths.length; index += atOnce)
    listed.push(`lsattr -pd -- ${paths.slice(index, index + atOnce).join(' ')}`)
  return [
    mountProbe(folder),
    `table=${quote(wanted.map(({ id, kibibytes, path }) => `${id} ${kibibytes} ${path}`).join('\n'))}`,
    "echo '-- projects'",
    'if grep -q pquota /proc/self/mountinfo || grep -q prjquota /proc/self/mountinfo; then',
    `{ ${listed.join('; ')}; } 2>/dev/null | while read -r id flags path; do`,
    '  printf "%s %s %s\\n" "$id" "$flags" "$path"',
    // Not counted yet: what is in it is added up once.
    '  case $flags in *P*) ;; *) echo "> $(du -skx -- "$path")" ;; esac',
    'done; fi',
    "echo '-- limits'",
    'command -v xfs_quota >/dev/null || echo missing',
    `stat -L -c %m -- ${paths.join(' ')} 2>/dev/null | sort -u | while IFS= read -r mount; do`,
    `  printf '> %s\\n' "$mount"; xfs_quota -x -f -c 'report -p -n -N -b' "$mount" 2>/dev/null |`,
    `    awk -v table="$table" 'BEGIN { n = split(table, line, "\\n"); for (i = 1; i <= n; i++) { split(line[i], w, " "); most["#" w[1]] = w[2] } }`,
    '      $1 in most { print $1, $4, ($2 > most[$1] ? "full" : "") }\'',
    'done',
    "echo '-- end'",
  ].join('\n')
}

/** Reads the answer. */
export function parseQuotas({ stdout }: Answer, wanted: readonly Project[]): QuotaState {
  const [mountinfo = '', fstab = '', projects = '', limits = ''] = stdout.split(
    /^-- (?:fstab|projects|limits|end)\n?/m,
  )
  const state: QuotaState = {
    mounts: parseMounts(mountinfo),
    fstab: parseFstab(fstab),
    projects: new Map(projects.split('\n').flatMap(projectOf)),
    limits: new Map(),
    full: new Set(wanted.filter((one) => sumOf(one.path, projects) > one.kibibytes).map(({ path }) => path)),
    hasProgram: !/^missing$/m.test(limits),
  }
  let mount = ''
  for (const line of limits.split('\n')) {
    mount = /^> (.*)$/.exec(line)?.[1] ?? mount
    const [, id, hard, full] = /^#(\d+) (\d+) (full)?$/.exec(line) ?? []
    if (id) state.limits.set(`${mount} ${id}`, Number(hard))
    if (full) for (const one of wanted.filter((one) => one.id === Number(id))) state.full.add(one.path)
  }
  return state
}

/** The file system below a path where it limits projects: the mount option turns limits on. */
export function limitingMount(path: string, { mounts }: Pick<QuotaState, 'mounts'>): Mount | undefined {
  const mount = mountOf(path, mounts)
  const isOn = mount?.options.some((option) => option === 'prjquota' || option === 'pquota')
  return isOn && (mount?.filesystem === 'ext4' || mount?.filesystem === 'xfs') ? mount : undefined
}

// "1073741825 --------------e----P-- /srv/a": without P, what is made inside would not be counted.
function projectOf(line: string): [string, number][] {
  const [, id, flags, path] = /^\s*(\d+) (\S+) (\/.*)$/.exec(line) ?? []
  return path ? [[path, flags!.includes('P') ? Number(id) : 0]] : []
}

// "> 4<tab>/srv/a", in KiB.
function sumOf(path: string, projects: string): number {
  const line = projects.split('\n').find((one) => one.startsWith('> ') && one.endsWith(`\t${path}`))
  return line ? Number(/^> (\d+)/.exec(line)?.[1]) : 0
}
