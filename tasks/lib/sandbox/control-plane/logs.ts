import { copyFile, readFile, stat, truncate } from 'node:fs/promises'
import { isMissing } from './state.ts'

/** Above this a log is moved to FILE.1 at the next start. */
const limitBytes = 10 * 1024 * 1024

/** Keeps a log small: a full one becomes FILE.1, its writer goes on in the same, now empty file. */
export async function limitLog(file: string): Promise<void> {
  const size = await stat(file).then(
    (found) => found.size,
    (error: unknown) => {
      if (isMissing(error)) return 0
      throw error
    },
  )
  if (size <= limitBytes) return
  await copyFile(file, `${file}.1`)
  await truncate(file)
}

/** The last lines of a log that say something. */
export async function lastLines(file: string, count: number): Promise<string[]> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean).slice(-count)
}
