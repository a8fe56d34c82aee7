import { randomBytes } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { quote } from '../../cli/process/quote.ts'

/** Writes the page whole or not at all: a browser that is looking at the old one never sees half of it. */
export async function writePage(file: string, page: string): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`
  try {
    await writeFile(temporary, page)
    await rename(temporary, file)
  } catch (error) {
    await rm(temporary, { force: true })
    const { code, message } = error as NodeJS.ErrnoException
    const isMissing = code === 'ENOENT'
    const reason = isMissing ? `there is no folder ${dirname(file)}` : message.split(',')[0]
    const hint = isMissing ? `mkdir -p ${quote(dirname(file))}` : 'name another file: --html FILE'
    throw new TaskError(`${file} cannot be written: ${reason}`, { hint, cause: error })
  }
}
