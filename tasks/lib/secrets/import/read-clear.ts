import { readFile } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { TaskError } from '../../cli/errors.ts'

/** More than a Secret, or a file that people keep encrypted, ever has. */
const mostBytes = 32 * 1024 * 1024

/** The bytes of a clear file. Throws a TaskError: it is not there, or it lies among the secrets already. */
export async function readClear(file: string, { secrets }: { secrets: string }): Promise<Buffer> {
  if (resolve(file).startsWith(secrets + sep))
    throw new TaskError('lies in secrets/ already', {
      file,
      hint: `tasks secrets:encrypt --in-place ${file}`,
    })
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new TaskError(error.code === 'ENOENT' ? 'is not there' : `cannot be read: ${error.message}`, {
      ...{ file, cause: error },
    })
  })
  if (bytes.length <= mostBytes) return bytes
  throw new TaskError('is longer than 32 MiB', { file })
}
