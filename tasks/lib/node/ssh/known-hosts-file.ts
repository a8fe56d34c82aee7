import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'

/** Writes known_hosts whole or not at all; where it is a link, what it leads to. */
export async function writeKnownHosts(root: string, text: string): Promise<void> {
  const file = realPath(join(root, 'known_hosts'))
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  try {
    const handle = await open(temporary, 'wx', 0o644)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new TaskError(`known_hosts cannot be written: ${code}: nothing was recorded`, {
      file: 'known_hosts',
      hint: `see ls -ld ${root}`,
      cause: error,
    })
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    // Not there yet.
    return file
  }
}
