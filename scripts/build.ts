import { existsSync, readFileSync } from 'node:fs'
import { chmod, mkdir, readdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { OutputFile } from 'esbuild'
import { packageRoot } from '../tasks/lib/cli/root.ts'
import { bundle, bundledPackages } from './bundle.ts'

const root = packageRoot()
const dist = join(root, 'dist')
const program = join(dist, 'tasks.js')

await build()

/** Writes dist/: tasks.js, one module for each task, and the chunks that they share. */
async function build(): Promise<void> {
  const began = new Date()
  const isPossible = await import('esbuild').then(
    () => true,
    () => false,
  )
  if (!isPossible) {
    console.error('dist/ is not built: esbuild is missing, install it with npm install --include=dev')
    return
  }
  const files = await bundle(dist)
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
