import { readdir, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import { didYouMean } from '../../cli/suggest.ts'
import { SecretError } from '../errors.ts'

/** The folder with public keys of people, in a folder of secret files. */
export const keysFolderName = 'keys'

/** Paths of all secret files in a folder and below it, sorted; dot files, keys/ and READMEs are none. */
export async function findSecretFiles(folder: string): Promise<string[]> {
  const paths = await filesBelow(folder, (name) => name === keysFolderName)
  return paths.sort()
}

// Links are followed: secrets/ itself, or a folder in it, may lie in another repository.
async function filesBelow(folder: string, isLeftOut: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(noneIfMissing)
  const found = entries.map(async (entry) => {
    if (entry.name.startsWith('.') || isLeftOut(entry.name)) return []
    const path = join(folder, entry.name)
    const kind = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry
    if (kind?.isDirectory()) return filesBelow(path, () => false)
    return kind?.isFile() && !/^README\b/i.test(entry.name) ? [path] : []
  })
  return (await Promise.all(found)).flat()
}

function noneIfMissing(error: NodeJS.ErrnoException): [] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
  throw error
}

/**
 * The path of a secret file that is named: NAME is secrets/NAME.yaml, .yml, .json, .env, .ini or any other ending; a
 * path, from the current folder or the project's, is itself. Throws a SecretError: none is called so, or several are.
 */
export async function secretFileNamed(
  folder: string,
  name: string,
  { root = resolve(folder, '..'), cwd = process.cwd() }: { root?: string; cwd?: string } = {},
): Promise<string> {
  for (const path of [resolve(cwd, name), resolve(root, name), resolve(folder, name)]) {
    if (await isFile(path)) return path
  }
  const files = await findSecretFiles(folder)
  const matching = files.filter((file) => nameOf(folder, file) === name)
  if (matching.length === 1) return matching[0]!
  const shown = (file: string) => relative(root, file)
  if (matching.length > 1) {
    const message = `${name} is the name of ${matching.length} files: ${matching.map(shown).join(', ')}`
    throw new SecretError(message, {
      code: 'noFile',
      hint: `name it with its ending: ${shown(matching[0]!)}`,
    })
  }
  const names = files.map((file) => nameOf(folder, file))
  const hint =
    didYouMean(name, names) ?? (names.length > 0 ? 'tasks secrets:list' : `tasks secrets:new ${name}`)
  throw new SecretError(`there is no secret file ${name} in ${shown(folder)}`, { code: 'noFile', hint })
}

/** What a file is called: its path in the folder, without its last ending. */
function nameOf(folder: string, file: string): string {
  const path = relative(folder, file)
  const name = basename(path)
  const end = name.lastIndexOf('.')
  return end > 0 ? path.slice(0, path.length - (name.length - end)) : path
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  )
}
