import { join } from 'node:path'
import type { Progress } from '../../tasks/lib/cli/change.ts'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { ensureBuilt } from './built.ts'

/** The disk image that every machine boots from; built once for each state of its recipe (a minute or two). */
export async function ensureImage(progress: Progress): Promise<string> {
  requireRoot()
  const folder = await ensureBuilt(
    {
      name: 'image',
      folder: join(packageRoot(), 'scripts/lab/image'),
      // The modules of Debian's kernel are in it.
      also: (await run(['linux.uml', '--version'])).stdout,
      saying: 'building the image of lab machines: one to three minutes, once',
    },
    progress,
  )
  return join(folder, 'base.img')
}

/**
 * The folder of a kernel with seccomp in the place of ptrace: `linux`, and modules/VERSION. Machines boot and start
 * programs in half the time of Debian's own kernel, but all its drivers are built in. Undefined where it cannot be built,
 * as when Debian has its source no more: its own kernel does, too, only slower.
 */
export async function ensureFastKernel(progress: Progress): Promise<string | undefined> {
  requireRoot()
  const recipe = {
    name: 'kernel',
    folder: join(packageRoot(), 'scripts/lab/fast-kernel'),
    saying: 'building the fast kernel of lab machines: six to ten minutes, once',
  }
  try {
    return await ensureBuilt(recipe, progress)
  } catch (error) {
    progress.signal.throwIfAborted()
    progress.say(`no fast kernel, machines run Debian's: ${(error as Error).message}`)
    return undefined
  }
}

function requireRoot(): void {
  if (process.getuid?.() !== 0) throw new Error('lab machines need root: namespaces, mounts, debootstrap')
}
