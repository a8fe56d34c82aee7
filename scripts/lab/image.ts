import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Progress } from '../../tasks/lib/cli/change.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'

/** The kernel of lab machines: a program. */
export const kernel = '/usr/bin/linux.uml'

const recipe = join(packageRoot(), 'scripts/lab/image')

/** The disk image that every machine boots from; built once for each state of its recipe (two minutes). */
export async function ensureImage(progress: Progress): Promise<string> {
  const cache = join(dirname(cacheDirectory()), 'lab')
  const image = join(cache, await recipeKey(), 'base.img')
  if (existsSync(image)) return image
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
  say('building the image of lab machines: about two minutes, once')
  const work = join(dirname(dirname(image)), 'building')
  // What a killed build has left; no other build runs, we hold the lock.
  await run(['sh', '-c', 'umount "$1/rootfs/proc" 2>/dev/null; rm -rf "$1"', 'sh', work])
  await mkdir(work, { recursive: true })
  await run([join(recipe, 'build.sh'), work], { signal, timeoutSeconds: 1800 })
  // A machine's disk only holds what differs from this file: it must never change.
  await chmod(join(work, 'base.img'), 0o444)
  await rm(dirname(image), { recursive: true, force: true })
  await rename(work, dirname(image))
}
