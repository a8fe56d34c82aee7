import { readdir, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** The manifests of a folder and of all below it, in the order of their paths, and the kustomizations left out. */
export async function listManifests(folder: string): Promise<{ files: string[]; leftOut: string[] }> {
  const all = await listFiles(folder, new Set())
  const manifests = all.filter((file) => /\.(ya?ml|json)$/.test(file))
  const isKustomization = (file: string) => /(^|[/\\])kustomization\.ya?ml$/.test(file)
  return {
    files: manifests.filter((file) => !isKustomization(file)),
    leftOut: manifests.filter(isKustomization),
  }
}

/** The names of manifests/*.yaml and *.yml of some folders. */
export async function manifestNames(folders: string[]): Promise<string[]> {
  const lists = await Promise.all(folders.map((folder) => readdir(join(folder, 'manifests')).catch(() => [])))
  const names = lists.flat().flatMap((file) => /^(.+)\.ya?ml$/.exec(file)?.[1] ?? [])
  return [...new Set(names)].sort()
}

// Links are followed, each folder once; what begins with a dot is git's or an editor's.
async function listFiles(folder: string, seen: Set<string>): Promise<string[]> {
  const real = await realpath(folder)
  if (seen.has(real)) return []
  seen.add(real)
  const files: string[] = []
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name)
    const found = name.startsWith('.') ? undefined : await stat(path).catch(() => undefined)
    if (found?.isDirectory()) files.push(...(await listFiles(path, seen)))
    else if (found?.isFile()) files.push(path)
  }
  return files
}
