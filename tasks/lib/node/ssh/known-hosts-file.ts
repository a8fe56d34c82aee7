import { realpathSync } from 'node:fs'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { replaceFile } from '../../cli/replace-file.ts'

/** Writes known_hosts whole or not at all; where it is a link, what it leads to. */
export async function writeKnownHosts(root: string, text: string): Promise<void> {
  const file = realPath(join(root, 'known_hosts'))
  try {
    await replaceFile(file, { text, mode: 0o644 })
  } catch (error) {
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
