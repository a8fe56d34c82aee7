import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BuildOptions, OutputFile } from 'esbuild'
import { type BundledTask, bundledFile, readTasks } from '../tasks/lib/cli/commands/discover.ts'
import { packageRoot } from '../tasks/lib/cli/root.ts'

const root = packageRoot()
// What a project's own tasks import: defineTask from metaltasks, TaskError from metaltasks/errors.
const library = {
  'lib/task': join(root, 'tasks/lib/cli/task.ts'),
  'lib/errors': join(root, 'tasks/lib/cli/errors.ts'),
}

/**
 * Packages that nearly every task needs: one file of a bundle loads in a third of the time that a package's own 70 files
 * take. All other packages are loaded from node_modules by the few tasks that use them.
 */
export const bundledPackages = ['yaml', 'dotenv', 'ipaddr.js']

/** The files of a folder dist: tasks.js, one module for each task, and the chunks that they share. Writes nothing. */
export async function bundle(dist: string): Promise<OutputFile[]> {
  const { build } = await import('esbuild')
  return (await build({ ...options(dist), write: false })).outputFiles
}

function options(dist: string): BuildOptions {
  const tasks = readTasks(join(root, 'tasks'), 'package')
  const table: BundledTask[] = tasks.map(({ name, group, summary, oldNames }) => ({
    name,
    group,
    summary,
    oldNames,
  }))
  const modules = tasks.map(({ name, file }) => [bundledFile(name).replace(/\.js$/, ''), file])
  return {
    absWorkingDir: root,
    entryPoints: { tasks: join(root, 'tasks/index.ts'), ...library, ...Object.fromEntries(modules) },
    outdir: dist,
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: otherPackages(),
    // CommonJS packages ask for node's own modules by require. A module of ours may import createRequire by its own name.
    banner: {
      js: `import { createRequire as bannerRequire } from 'node:module';const require = bannerRequire(import.meta.url);`,
    },
    define: { BUNDLED_TASKS: JSON.stringify(table) },
    logLevel: 'warning',
  }
}

function otherPackages(): string[] {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !bundledPackages.includes(name),
  )
}
