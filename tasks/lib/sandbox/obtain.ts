import type { Progress } from '../cli/change.ts'
import { TaskError } from '../cli/errors.ts'
import { type ProgramName, programVersion } from './versions.ts'

/** Puts programs into the cache. */
export async function obtainPrograms(names: ProgramName[], _progress: Progress): Promise<void> {
  const list = names.map((name) => `${name} ${programVersion(name)}`).join(', ')
  throw new TaskError(`not found: ${list}`, { hint: 'name a folder that has them: SANDBOX_BIN=FOLDER' })
}
