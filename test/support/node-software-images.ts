import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { chmod, cp, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from '../../tasks/lib/cli/process/shell.ts'

/** A container image from nothing but these files. */
export interface Image {
  /** With its tag; more than one for an image that goes by several. */
  names: string[]
  /** Files of this host by their path inside. */
  files?: Record<string, string>
  /** Where symbolic links inside lead. */
  links?: Record<string, string>
  /** A tree of this host that becomes the root. */
  root?: string
  entrypoint?: string[]
}

const empty = ['tmp', 'etc', 'run', 'var', 'usr/local/bin']

/** Writes an image as the tar of an OCI layout, as `ctr images import` reads it. */
export async function writeImage(image: Image, file: string): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'metaltasks-image-'))
  try {
    await fillRoot(join(work, 'root'), image)
    const layout = join(work, 'layout')
    await mkdir(join(layout, 'blobs/sha256'), { recursive: true })
    await writeLayout(layout, { image, layer: await packLayer(work) })
    await run([...tar, '-C', layout, '-cf', file, 'oci-layout', 'index.json', 'blobs'])
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

const tar = ['tar', '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner']

async function fillRoot(root: string, { files = {}, links = {}, root: tree }: Image): Promise<void> {
  for (const folder of empty) await mkdir(join(root, folder), { recursive: true })
  await chmod(join(root, 'tmp'), 0o1777)
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/sbin/nologin\n')
  await writeFile(join(root, 'etc/group'), 'root:x:0:\n')
  await writeFile(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
  if (tree) await cp(tree, root, { recursive: true, verbatimSymlinks: true })
  for (const [path, from] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await cp(from, join(root, path))
  }
  for (const [path, target] of Object.entries(links)) {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await symlink(target, join(root, path))
  }
}

/** Digests of the one layer, whose file is in the work folder. */
async function packLayer(work: string): Promise<Layer> {
  const plain = join(work, 'layer.tar')
  await run([...tar, '-C', join(work, 'root'), '-cf', plain, '.'])
  const diffId = await digestOf(plain)
  await run(['gzip', '-n', '-1', plain])
  return { file: `${plain}.gz`, diffId }
}

interface Layer {
  file: string
  diffId: string
}

async function writeLayout(layout: string, { image, layer }: { image: Image; layer: Layer }): Promise<void> {
  const config = {
    ...{ architecture: 'amd64', os: 'linux', created: '1970-01-01T00:00:00Z' },
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...(image.entrypoint ? { Entrypoint: image.entrypoint } : {}),
    },
    rootfs: { type: 'layers', diff_ids: [layer.diffId] },
  }
  const manifest = {
    schemaVersion: 2,
    mediaType: `${oci}.manifest.v1+json`,
    config: await addJson(layout, { mediaType: `${oci}.config.v1+json`, content: config }),
    layers: [await addFile(layout, { mediaType: `${oci}.layer.v1.tar+gzip`, file: layer.file })],
  }
  const described = await addJson(layout, { mediaType: `${oci}.manifest.v1+json`, content: manifest })
  const manifests = image.names.map((name) => ({
    ...described,
    annotations: {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').at(-1),
    },
  }))
  const index = { schemaVersion: 2, mediaType: `${oci}.index.v1+json`, manifests }
  await writeFile(join(layout, 'index.json'), JSON.stringify(index))
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
}

const oci = 'application/vnd.oci.image'

async function addJson(layout: string, { mediaType, content }: { mediaType: string; content: unknown }) {
  const file = join(layout, 'content.json')
  await writeFile(file, JSON.stringify(content))
  return addFile(layout, { mediaType, file })
}

async function addFile(layout: string, { mediaType, file }: { mediaType: string; file: string }) {
  const digest = await digestOf(file)
  const { size } = await stat(file)
  await rename(file, join(layout, 'blobs', digest.replace(':', '/')))
  return { mediaType, digest, size }
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return `sha256:${hash.digest('hex')}`
}
