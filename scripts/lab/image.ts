import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Progress } from '../../tasks/lib/cli/change.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'

/** The kernel of lab machines: a program. */
const kernel = '/usr/bin/linux.uml'

const recipe = join(packageRoot(), 'scripts/lab/image')

/** The disk image that every machine boots from; built once for each state of its recipe (a minute or two). */
export async function ensureImage(progress: Progress): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error('lab machines need root: namespaces, mounts, debootstrap')
  const cache = join(dirname(cacheDirectory()), 'lab')
  const image = join(cache, await recipeKey(), 'base.img')
  if (existsSync(image)) {
    await utimes(dirname(image), new Date(), new Date())
    return image
  }
  return withLock(join(cache, 'lock'), {
    ...progress,
    what: 'another run builds the image of lab machines',
    work: async () => {
      if (!existsSync(image)) await build(image, progress)
      return image
    },
  })
}

/** Changes whenever anything that the image is made from does. */
async function recipeKey(): Promise<string> {
  const hash = createHash('sha256').update((await run([kernel, '--version'])).stdout)
  const entries = await readdir(recipe, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const file of files.sort()) {
    hash.update(`${file.slice(recipe.length)}\0`).update(await readFile(file))
  }
  return hash.digest('hex').slice(0, 16)
}

async function build(image: string, { say, signal }: Progress): Promise<void> {
  say('building the image of lab machines: one to three minutes, once')
  const cache = dirname(dirname(image))
  await removeUnused(cache)
  const work = await mkdtemp(join(cache, 'building-'))
  await run([join(recipe, 'build.sh'), work], { signal, timeoutSeconds: 1800 })
  // A machine's disk only holds what differs from this file: it must never change.
  await chmod(join(work, 'base.img'), 0o444)
  await rename(work, dirname(image))
}

/** What killed builds have left, and images of other states of the recipe that nobody asked for within a week. */
async function removeUnused(cache: string): Promise<void> {
  await mkdir(cache, { recursive: true })
  const find = ['find', cache, '-mindepth', '1', '-maxdepth', '1', '-type', 'd']
  const { stdout } = await run([...find, '(', '-name', 'building-*', '-o', '-mtime', '+7', ')'])
  for (const folder of stdout.split('\n').filter(Boolean)) {
    await run(['umount', join(folder, 'rootfs/proc')], { allowFailure: true })
    await run(['rm', '-rf', '--one-file-system', folder])
  }
}
