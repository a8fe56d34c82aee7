import { chmod, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { receive } from '../../cli/download/receive.ts'
import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import { expectedDigest } from './digests.ts'
import type { Release } from './releases.ts'

/** Downloads a release into a folder, checks its digest, and gives the path of the program, executable. */
export async function downloadProgram(
  release: Release,
  options: Progress & { name: string; folder: string },
): Promise<string> {
  const { name, folder, signal } = options
  const sha256 = await expectedDigest(release, signal)
  const file = join(folder, `${name}.download`)
  const received = await receive(release.url, { ...options, file })
  if (received !== sha256) {
    throw new TaskError(
      `${release.url} is not what its project published: SHA-256 ${received}, expected ${sha256}`,
      {
        hint: 'nothing was kept; somebody between here and there changes files, or the mirror is damaged: try another network',
      },
    )
  }
  const program = join(folder, name)
  if (release.member) {
    const depth = release.member.split('/').length - 1
    await run(['tar', '-xzf', file, '-C', folder, `--strip-components=${depth}`, release.member], { signal })
  } else {
    await rename(file, program)
  }
  await chmod(program, 0o755)
  return program
}
