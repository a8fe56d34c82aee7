import { quote } from '../../cli/process/quote.ts'
import { syncSettings, syncState } from '../sync/program.ts'

/** A directory that may belong to a PersistentVolume, with what is known of its space. */
export interface SurveyedDirectory {
  path: string
  /** Only where its file system counts projects. */
  usedBytes?: number
  limitBytes?: number
}

/** The last run of a synchronised folder, as the machine that runs it tells. */
export interface SurveyedSync {
  name: string
  folder: string
  result: 'done' | 'failed' | 'never'
  /** ISO time at which it ended. */
  endedAt?: string
  message: string
  conflicts: number
}

export interface Survey {
  directories: SurveyedDirectory[]
  syncs: SurveyedSync[]
}

/** Shell that tells what lies below the folder of local volumes, what it uses, and how synchronisations went. */
export function surveyProbe(folder: string): string {
  const base = quote(folder)
  return [
    "echo '-- projects'",
    `find ${base} -mindepth 1 -maxdepth 2 -type d '(' -path '*/pool-*/*' -o '!' -path ${quote(`${folder}/*/*`)} ')' \\`,
    "  -exec lsattr -pd {} + 2>/dev/null | sed 's/^ *//'",
    `find ${base} -mindepth 1 -maxdepth 2 -type d -printf '> %p\\n' 2>/dev/null`,
    "echo '-- usage'",
    `find ${base} -maxdepth 2 -type d -exec stat -c %m {} + 2>/dev/null | sort -u | while IFS= read -r mount; do`,
    `  xfs_quota -x -f -c 'report -p -n -N -b' "$mount"`,
    'done 2>/dev/null',
    "echo '-- sync'",
    `for conf in ${syncSettings}/*.conf; do test -e "$conf" || continue; ( . "$conf"`,
    `  name=$(basename "$conf" .conf); state=${syncState}/$name`,
    '  test "$(systemctl show -p LoadState --value "metaltasks-sync-$name.timer")" = loaded || exit 0',
    `  printf 'name=%s\\nfolder=%s\\n' "$name" "$folder"; cat "$state/status" 2>/dev/null`,
    '  echo "conflicts=$(wc -l 2>/dev/null <"$state/conflicts" || echo 0)" ); done',
    "echo '-- end'",
  ].join('\n')
}

/** Reads the answer. */
export function parseSurvey(stdout: string, folder: string): Survey {
  const [, projects = '', usage = '', sync = ''] = stdout.split(/^-- (?:projects|usage|sync|end)\n?/m)
  const used = usageById(usage)
  const counted = new Map(projects.split('\n').flatMap(projectOf))
  const all = projects.split('\n').flatMap((line) => (line.startsWith('> ') ? [line.slice(2)] : []))
  const directories = all
    .filter((path) => mayBeVolume(path, folder))
    .map((path) => {
      const project = counted.get(path)
      return { path, ...(project ? used.get(project) : undefined) }
    })
  return {
    directories,
    syncs: sync
      .split(/^(?=name=)/m)
      .filter(Boolean)
      .map(syncOf),
  }
}

// Pools hold one directory for each volume; anything else right below the folder is a named volume.
function mayBeVolume(path: string, folder: string): boolean {
  const [first, second] = path.slice(folder.length + 1).split('/')
  if (first === 'lost+found' || second === 'lost+found') return false
  return first!.startsWith('pool-') ? second !== undefined : second === undefined
}

function projectOf(line: string): [string, string][] {
  const [, id, path] = /^(\d+) \S*P\S* (\/.*)$/.exec(line) ?? []
  return path ? [[path, id!]] : []
}

// "#1073741825      20484          0      10240     00 [--none--]", in KiB: used, soft and hard limit.
function usageById(text: string): Map<string, Pick<SurveyedDirectory, 'usedBytes' | 'limitBytes'>> {
  const lines = text.matchAll(/^#(\d+)\s+(\d+)\s+\d+\s+(\d+)/gm)
  return new Map(
    [...lines].map(([, id, used, hard]) => [
      id!,
      { usedBytes: Number(used) * 1024, ...(hard !== '0' && { limitBytes: Number(hard) * 1024 }) },
    ]),
  )
}

function syncOf(text: string): SurveyedSync {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]
  const ended = Number(value('ended'))
  const result = value('result')
  return {
    name: value('name')!,
    folder: value('folder') ?? '',
    result: result === 'done' || result === 'failed' ? result : 'never',
    ...(ended > 0 && { endedAt: new Date(ended * 1000).toISOString() }),
    message: result === 'failed' ? (value('message') ?? '').trim() : '',
    conflicts: Number(value('conflicts') ?? 0),
  }
}
