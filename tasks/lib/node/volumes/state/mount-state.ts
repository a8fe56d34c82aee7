import { unescaped, withoutSlash } from '../path.ts'
import type { Volume } from '../volume.ts'
import { answerOf, type Said, unreadable } from './answers.ts'
import type { MountState } from './volume-state.ts'

/** What is mounted at a volume's path, what fstab says of it, and the folder below. */
export function readMount(
  answers: Map<string, Said>,
  { volume, number }: { volume: Volume; number?: string },
): MountState {
  const mounts = answerOf(answers, 'mounts', [0, 1]).text.split('\n').filter(Boolean).map(readMountLine)
  const atPath = mounts.filter(({ path }) => path === volume.path)
  return {
    atPath: atPath.map((mount) => mount.number),
    elsewhere: mounts
      .filter((mount) => mount.number === number && mount.path !== volume.path)
      .map(({ path }) => path),
    isReadOnly: atPath.at(-1)?.options.includes('ro') ?? false,
    fstab: fstabLines(answerOf(answers, 'fstab', [0, 1]).text, volume),
    realPath: answerOf(answers, 'real').text,
    ...readFolder(answers),
    owner: atPath.length > 0 ? answerOf(answers, 'owner').text : undefined,
    hasQuota: answers.get('quota')?.code === 0,
  }
}

// "36 25 254:1 / /srv/data rw,relatime shared:1 - ext4 /dev/mapper/luks-data rw": proc(5).
function readMountLine(line: string) {
  const [, number, path, options, superOptions] =
    /^\d+ \d+ (\d+:\d+) \S+ (\S+) (\S+) .*- \S+ .*?(\S+)$/.exec(line) ?? []
  if (number === undefined) throw unreadable(`mountinfo has ${JSON.stringify(line)}`)
  const all = `${options},${superOptions}`.split(',')
  return { number, path: unescaped(path!), options: all }
}

function fstabLines(text: string, { path, opened }: Volume): string[] {
  return text.split('\n').filter((line) => {
    const [device, at] = line.trim().split(/\s+/)
    if (device === undefined || device.startsWith('#')) return false
    return device === opened || (at !== undefined && withoutSlash(unescaped(at)) === path)
  })
}

// Where the machine lets nobody look below a mount, nothing is said of the folder, and nothing done to it.
function readFolder(answers: Map<string, Said>): Pick<MountState, 'folder' | 'entries' | 'isImmutable'> {
  const { code, text } = answerOf(answers, 'below', [0, 1, 9, 127])
  if (code !== 0) return { folder: 'unknown', entries: [] }
  const [kind, flags = 'none', ...entries] = text.split('\n')
  if (kind !== 'directory') return { folder: kind === 'missing' ? 'missing' : 'other', entries: [] }
  const isImmutable = flags === 'none' ? undefined : flags.includes('i')
  return { folder: 'directory', entries: entries.filter(Boolean), isImmutable }
}
