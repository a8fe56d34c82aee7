import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Progress } from '../../tasks/lib/cli/change.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'

export interface Recipe {
  /** The first word of its folder in the cache. */
  name: string
  /** The folder whose build.sh makes it, in the work folder that is its argument. */
  folder: string
  /** What it is made from besides that folder. */
  also?: string
  /** Said while it is built. */
  saying: string
}

/** The folder of what a recipe makes: in the cache, built once for each state of the recipe. */
export async function ensureBuilt(recipe: Recipe, progress: Progress): Promise<string> {
  const cache = join(dirname(cacheDirectory()), 'lab')
  const folder = join(cache, `${recipe.name}-${await recipeKey(recipe)}`)
  if (existsSync(folder)) {
    await utimes(folder, new Date(), new Date())
    return folder
  }
  return withLock(join(cache, 'lock'), {
    ...progress,
    what: 'another run builds what lab machines need',
    work: async () => {
      if (!existsSync(folder)) await build(recipe, { ...progress, folder })
      return folder
    },
  })
}

/** Changes whenever anything that it is made from does. */
async function recipeKey({ folder, also = '' }: Recipe): Promise<string> {
  const hash = createHash('sha256').update(also)
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort()) {
    hash.update(`${file.slice(folder.length)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

async function build(
  { folder: recipe, saying }: Recipe,
  { say, signal, folder }: Progress & { folder: string },
): Promise<void> {
  say(saying)
  await removeUnused(dirname(folder))
  const work = await mkdtemp(join(dirname(folder), 'building-'))
  await run([join(recipe, 'build.sh'), work], { signal, timeoutSeconds: 3600 })
  await rename(work, folder)
}

/** What killed builds have left, and other states of the recipes that nobody asked for within a week. */
async function removeUnused(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const find = ['find', cache, '-mindepth', '1', '-maxdepth', '1', '-type', 'd']
  const { stdout } = await run([...find, '(', '-name', 'building-*', '-o', '-mtime', '+7', ')'])
  for (const folder of stdout.split('\n').filter(Boolean)) {
    await run(['umount', join(folder, 'rootfs/proc')], { allowFailure: true })
    await run(['rm', '-rf', '--one-file-system', folder])
  }
}
