import { git } from './git.ts'
import type { Setup, SetupChange } from './setup-change.ts'

/**
 * The merge driver and the text conversion in .git/config, which belongs to this clone alone. Git must never keep
 * converted text: its cache would be clear text on the disk.
 */
export async function configChanges({ top, command, undo }: Setup): Promise<SetupChange[]> {
  const wanted: [key: string, value: string][] = [
    ['merge.sops.name', 'secret files, by their clear trees'],
    ['merge.sops.driver', `${command} secrets:git-merge %O %A %B %P`],
    ['diff.sops.textconv', `${command} secrets:git-textconv`],
    ['diff.sops.cachetextconv', 'false'],
  ]
  const local = ['config', '--local']
  const present = await Promise.all(
    wanted.map(async ([key]) =>
      (await git([...local, '--get', key], { cwd: top, allowed: [1] })).replace(/\n$/, ''),
    ),
  )
  return wanted.flatMap(([key, value], index) => {
    const has = present[index]
    if (undo ? has === '' : has === value) return []
    const argv = undo ? ['--unset-all', key] : ['--replace-all', key, value]
    const title = undo ? `take ${key} out of .git/config` : `.git/config: ${key} = ${value}`
    return [{ title, run: async () => void (await git([...local, ...argv], { cwd: top })) }]
  })
}
