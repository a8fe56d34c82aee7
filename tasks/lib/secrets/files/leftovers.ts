import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A write takes milliseconds: what is older than this was left by a program that was killed in it. */
const oldMilliseconds = 1000
const form = /^\..+\.[0-9a-f]{12}\.tmp$/

/** Paths of the temporary files that killed writes left in these folders; they are encrypted as what they were for. */
export async function leftoversIn(folders: Iterable<string>, { now }: { now: Date }): Promise<string[]> {
  const found = [...new Set(folders)].map(async (folder) => {
    const names = (await readdir(folder).catch(() => [])).filter((name) => form.test(name))
    const paths = names.map((name) => join(folder, name))
    const old = await Promise.all(paths.map((path) => isOld(path, now)))
    return paths.filter((_, index) => old[index])
  })
  return (await Promise.all(found)).flat()
}

async function isOld(path: string, now: Date): Promise<boolean> {
  return stat(path).then(
    ({ mtimeMs }) => now.getTime() - mtimeMs > oldMilliseconds,
    () => false,
  )
}
