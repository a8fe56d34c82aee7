import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { bundle } from './bundle.ts'

/**
 * Puts this package into a folder as npm would install it: bundled and without sources, so that an edit of a source does
 * not make a run of it another one. Gives the path of tasks.js.
 */
export async function install(folder: string): Promise<string> {
  const root = packageRoot()
  for (const { path, contents } of await bundle(join(folder, 'dist'))) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, contents)
  }
  const { files }: { files: string[] } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const part of ['package.json', ...files.filter((file) => file !== 'dist')])
    await cp(join(root, part), join(folder, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'dist', 'tasks.js')
}
