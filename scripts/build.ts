import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { BuildOptions, OutputFile } from 'esbuild'
import {
  type BundledTask,
  bundledFile,
  readTasks,
  type TaskEntry,
} from '../tasks/lib/cli/commands/discover.ts'
import { packageRoot } from '../tasks/lib/cli/root.ts'

const root = packageRoot()
const dist = join(root, 'dist')
const program = join(dist, 'tasks.js')
// What a project's own tasks import: defineTask from metaltasks, TaskError from metaltasks/errors.
const library = {
  'lib/task': join(root, 'tasks/lib/cli/task.ts'),
  'lib/errors': join(root, 'tasks/lib/cli/errors.ts'),
}

// What nearly every task needs: one file of a bundle loads in a third of the time that a package's own 70 files take.
// All other packages are loaded from node_modules by the few tasks that use them.
const bundledPackages = ['yaml', 'dotenv', 'ipaddr.js']

await build()

/** Writes dist/: tasks.js, one module for each task, and the chunks that they share. */
async function build(): Promise<void> {
  const began = new Date()
  const tasks = readTasks(join(root, 'tasks'), 'package')
  const files = await bundle(tasks)
  if (files === undefined) return
  // The entry last: until then another `tasks` runs the bundle that was there.
  const inOrder = files.toSorted((a, b) => Number(a.path === program) - Number(b.path === program))
  for (const file of inOrder) await replace(file)
  await writeFile(join(dist, 'licenses.txt'), licences())
  await chmod(program, 0o755)
  // Sources written while the build ran are newer than this, so the bundle counts as stale.
  await utimes(program, began, began)
  await removeOthers(new Set(files.map((file) => file.path)))
  await linkProgram()
}

async function bundle(tasks: TaskEntry[]): Promise<OutputFile[] | undefined> {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (esbuild === undefined) {
    console.error('dist/ is not built: esbuild is missing, install it with npm install --include=dev')
    return undefined
  }
  return (await esbuild.build({ ...options(tasks), write: false })).outputFiles
}

function options(tasks: TaskEntry[]): BuildOptions {
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

// Their licences ask to be where their code is.
function licences(): string {
  const texts = bundledPackages.map(
    (name) => `${name}\n\n${readFileSync(join(root, 'node_modules', name, 'LICENSE'), 'utf8')}`,
  )
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

async function replace({ path, contents }: OutputFile): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${process.pid}`
  await writeFile(temporary, contents)
  await rename(temporary, path)
}

async function removeOthers(wanted: Set<string>): Promise<void> {
  for (const entry of await readdir(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !wanted.has(path) && relative(dist, path).endsWith('.js'))
      await rm(path, { force: true })
  }
}

// npm links the programs of dependencies only; without this link `npx tasks` in a clone would ask npm's cache for it.
async function linkProgram(): Promise<void> {
  const folder = join(root, 'node_modules', '.bin')
  if (!existsSync(folder)) return
  const temporary = join(folder, `tasks.${process.pid}`)
  await symlink(join('..', '..', 'dist', 'tasks.js'), temporary)
  await rename(temporary, join(folder, 'tasks'))
}
