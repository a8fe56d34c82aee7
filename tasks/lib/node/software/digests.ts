import { readFile } from 'node:fs/promises'
import { TaskError } from '../../cli/errors.ts'
import { publishedDigests } from './published-digests.ts'

/** SHA-256 of releases by their paths: those of a file, where one is given, count before those known here. */
export async function releaseDigests(file?: string): Promise<ReadonlyMap<string, string>> {
  const known = parseDigests(publishedDigests, 'published-digests.ts')
  if (file === undefined) return known
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new TaskError(`software.digests: ${file} cannot be read: ${error.message}`, { cause: error })
  })
  return new Map([...known, ...parseDigests(text, file)])
}

/** Reads what sha256sum writes: 64 digits, two blanks, a path. */
function parseDigests(text: string, file: string): Map<string, string> {
  const digests = new Map<string, string>()
  for (const [index, line] of text.split('\n').entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const [, sha256, path] = /^([0-9a-f]{64}) [ *](?:\.\/)?(\S.*)$/i.exec(line) ?? []
    if (!sha256 || !path) {
      throw new TaskError('no line of sha256sum: a digest of 64 digits, two blanks, HOST/PATH', {
        ...{ file, line: index + 1 },
        hint: 'make it with: find . -type f -printf "%P\\0" | xargs -0 sha256sum',
      })
    }
    digests.set(path, sha256.toLowerCase())
  }
  return digests
}
