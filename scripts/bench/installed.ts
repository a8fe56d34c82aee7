import { cp, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { runProgram } from './program.ts'

/**
 * Builds the program and puts it into a folder as npm would install it: without sources, so that an edit of a source
 * while the benchmark runs does not make it run the sources. Gives the path of tasks.js.
 */
export async function install(folder: string): Promise<string> {
  const root = packageRoot()
  await runProgram([process.execPath, '--import', 'tsx', 'scripts/build.ts'], { cwd: root })
  await mkdir(folder, { recursive: true })
  for (const part of ['dist', 'manifests', 'package.json'])
    await cp(join(root, part), join(folder, part), { recursive: true })
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
  return join(folder, 'dist', 'tasks.js')
}
