/** One line of /proc/self/mountinfo. */
export interface Mount {
  path: string
  source: string
  filesystem: string
  /** Of the mount and of its file system: "rw", "prjquota". */
  options: string[]
}

/** What is mounted where, the last mounted last: of several at one path only the last one is seen. */
export function parseMounts(mountinfo: string): Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [own, file] = line.split(' - ')
    const [, , , , path, options] = own!.split(' ')
    const [filesystem, source, superOptions = ''] = file?.split(' ') ?? []
    if (!path?.startsWith('/') || !filesystem || !source) return []
    const all = [...options!.split(','), ...superOptions.split(',')]
    return [{ path: unescaped(path), source: unescaped(source), filesystem, options: all }]
  })
}

/** The paths that /etc/fstab mounts. */
export function parseFstab(fstab: string): string[] {
  return fstab
    .split('\n')
    .filter((line) => !line.trimStart().startsWith('#'))
    .flatMap((line) => line.trim().split(/\s+/)[1] ?? [])
    .filter((path) => path.startsWith('/'))
    .map((path) => unescaped(withoutSlash(path)))
}

/** The mount that a path lies on. */
export function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  const around = mounts.filter((mount) => isWithin(path, mount.path))
  return around.reduce<Mount | undefined>(
    (nearest, mount) => (nearest && nearest.path.length > mount.path.length ? nearest : mount),
    undefined,
  )
}

/** Whether a path is a folder or lies somewhere below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '/' || path === folder || path.startsWith(`${folder}/`)
}

function withoutSlash(path: string): string {
  return path.replace(/(?<=.)\/+$/, '')
}

// Blanks, tabs, line ends and backslashes are written as three octal digits.
function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
