import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../../tasks/lib/cli/process/shell.ts'
import { packageRoot } from '../../tasks/lib/cli/root.ts'
import { withLock } from '../../tasks/lib/sandbox/control-plane/lock.ts'
import { cacheDirectory } from '../../tasks/lib/sandbox/programs/cache.ts'
import { ownPrograms, writeImages } from './node-software-parts.ts'
import { sourceNames, versionOf } from './node-software-programs.ts'
import { layOutReleases } from './node-software-releases.ts'

/** What turns a machine into a node, built from public Go modules and Debian packages; no network is needed then. */
export interface NodeSoftware {
  /** Programs where the projects publish them, URLs without their scheme: dl.k8s.io/release/v1.36.3/… */
  folder: string
  /** Their SHA-256, in the format of sha256sum, paths from the folder. */
  digests: string
  /** Container images, one tar for each. */
  images: string
}

/** The versions that there are. */
export const nodeVersions = {
  kubernetes: versionOf('kubernetes'),
  etcd: versionOf('etcd'),
  containerd: versionOf('containerd'),
  runc: versionOf('runc'),
  cni: versionOf('cni'),
  crictl: versionOf('crictl'),
  age: versionOf('age'),
}

/** Builds what the cache of the tests does not have: ten minutes on two cores the first time. */
export async function nodeSoftware({ kubernetes = [nodeVersions.kubernetes] } = {}): Promise<NodeSoftware> {
  const cache = join(dirname(cacheDirectory()), 'node-software')
  const place = join(cache, await recipeKey(kubernetes))
  await withLock(join(cache, 'lock'), {
    what: 'another run builds the software of nodes',
    ...{ say: () => {}, signal: new AbortController().signal },
    work: async () => {
      if (!existsSync(place)) await build(place, kubernetes)
    },
  })
  await utimes(place, new Date(), new Date())
  return { folder: join(place, 'folder'), digests: join(place, 'SHA256SUMS'), images: join(place, 'images') }
}

/** Changes whenever anything that it is made from does. */
async function recipeKey(kubernetes: string[]): Promise<string> {
  const hash = createHash('sha256').update(kubernetes.join(' '))
  const support = join(packageRoot(), 'test/support')
  const names = await readdir(support, { recursive: true })
  const modules = [...sourceNames, ...ownPrograms, ...kubernetes.map((version) => `kubernetes-${version}`)]
  const recipe = names.filter(
    (name) =>
      /^node-software/.test(name) || (/\.(mod|go)$/.test(name) && modules.includes(name.split('/')[1]!)),
  )
  for (const name of recipe.sort()) hash.update(`${name}\0`).update(await readFile(join(support, name)))
  return hash.digest('hex').slice(0, 16)
}

async function build(place: string, kubernetes: string[]): Promise<void> {
  const cache = dirname(place)
  await removeUnused(cache)
  const half = await mkdtemp(join(cache, 'building-'))
  const [folder, work] = [join(half, 'folder'), join(half, 'work')]
  await mkdir(work)
  await layOutReleases(folder, { kubernetes })
  await writeImages(join(half, 'images'), { kubernetes, work })
  const sum = 'find . -type f -printf "%P\\0" | sort -z | xargs -0 sha256sum'
  await writeFile(join(half, 'SHA256SUMS'), (await run(['sh', '-c', sum], { cwd: folder })).stdout)
  await rm(work, { recursive: true })
  await rename(half, place)
}

/** What killed builds have left, and what nobody asked for within a week. */
async function removeUnused(cache: string): Promise<void> {
  const find = ['find', cache, '-mindepth', '1', '-maxdepth', '1', '-type', 'd']
  const { stdout } = await run([...find, '(', '-name', 'building-*', '-o', '-mtime', '+7', ')'])
  for (const folder of stdout.split('\n').filter(Boolean)) await rm(folder, { recursive: true, force: true })
}
