import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { git } from './git.ts'

/** The top folder of the work tree. Git is asked only where no .git lies above: starting it takes longer than looking. */
export async function topFolder(cwd: string): Promise<string> {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder
    if (folder === dirname(folder)) break
  }
  return (await git(['rev-parse', '--show-toplevel'], { cwd })).replace(/\n$/, '')
}
