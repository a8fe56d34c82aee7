import { existsSync, writeFileSync } from 'node:fs'
import { TaskError } from '../../cli/errors.ts'
import type { Output } from '../../cli/output.ts'

/** Throws where the file is there already: before anything is made that could not be kept. "-" is stdout. */
export function expectNewFile(file: string | undefined): void {
  if (file === undefined || file === '-' || !existsSync(file)) return
  throw new TaskError('is there already: nothing is overwritten', {
    file,
    hint: 'give another --output, or none for stdout',
  })
}

/** Gives out what must stay private: to a new file that only its owner reads, or to stdout. */
export function givePrivate(
  text: string,
  { file, output }: { file: string | undefined; output: Pick<Output, 'data'> },
): void {
  try {
    if (file === undefined || file === '-') output.data(text, { unredacted: true })
    else writeFileSync(file, text, { flag: 'wx', mode: 0o600, flush: true })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new TaskError(`cannot be written: ${code}`, { file, cause: error })
  }
}
