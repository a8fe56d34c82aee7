import { createHash } from 'node:crypto'
import { TaskError } from '../../../cli/errors.ts'
import type { ArchiveBytes } from './archive-bytes.ts'
import { tarEntries } from './tar-entries.ts'

/** An image of an archive. */
export interface Image {
  /** "registry.k8s.io/pause:3.10.2" */
  name: string
  /** SHA-256 of its configurations, one for each platform: "sha256:…", what the container runtime calls its id. */
  ids: string[]
}

/** The images of an OCI layout, or of what docker save writes. Throws where it is neither, or not whole. */
export async function archivedImages(archive: ArchiveBytes): Promise<Image[]> {
  const texts = new Map<string, Buffer>()
  const names = new Set<string>()
  for await (const entry of tarEntries(archive)) {
    names.add(entry.name)
    if (entry.bytes > longestText) continue
    const content = await entry.content()
    if (content.length < entry.bytes) throw cutOff(entry.name)
    if (content[0] === 0x7b || content[0] === 0x5b) texts.set(entry.name, content)
  }
  const read = { texts, names }
  const images = texts.has('index.json') ? layoutImages(read) : dockerImages(read)
  if (images.length === 0) throw new TaskError('no image in it has a name')
  return images
}

/** Longer than any list of an image; layers that are shorter do not begin as JSON does. */
const longestText = 4 * 1024 * 1024

interface Read {
  texts: ReadonlyMap<string, Buffer>
  names: ReadonlySet<string>
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md */
interface Descriptor {
  digest: string
  annotations?: Record<string, string>
}
interface Manifest {
  config?: Descriptor
  layers?: Descriptor[]
  manifests?: Descriptor[]
}

function layoutImages(read: Read): Image[] {
  const { manifests = [] } = parse<Manifest>(read, 'index.json')
  return manifests.flatMap((descriptor) => {
    const name = nameOf(descriptor)
    return name ? [{ name, ids: configsOf(descriptor, read) }] : []
  })
}

// Of a tag alone nobody knows what it is a tag of.
function nameOf({ annotations = {} }: Descriptor): string | undefined {
  const tag = annotations['org.opencontainers.image.ref.name']
  return annotations['io.containerd.image.name'] ?? (tag?.includes(':') ? tag : undefined)
}

function configsOf({ digest }: Descriptor, read: Read): string[] {
  const { config, layers = [], manifests = [] } = parse<Manifest>(read, blobOf(digest))
  // Of an image for several platforms an archive may hold some only.
  const present = manifests.filter((one) => read.names.has(blobOf(one.digest)))
  if (manifests.length > 0) return present.flatMap((one) => configsOf(one, read))
  const missing = [...(config ? [config] : []), ...layers].find((one) => !read.names.has(blobOf(one.digest)))
  if (missing) throw cutOff(blobOf(missing.digest))
  return config ? [config.digest] : []
}

function blobOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`
}

interface DockerImage {
  Config: string
  RepoTags?: string[] | null
  Layers?: string[]
}

function dockerImages(read: Read): Image[] {
  return parse<DockerImage[]>(read, 'manifest.json').flatMap(({ Config, RepoTags, Layers = [] }) => {
    const missing = [Config, ...Layers].find((name) => !read.names.has(name))
    if (missing) throw cutOff(missing)
    const digest = createHash('sha256').update(read.texts.get(Config)!).digest('hex')
    return (RepoTags ?? []).map((tag) => ({ name: wholeName(tag), ids: [`sha256:${digest}`] }))
  })
}

/** Docker leaves out what is usual: "busybox:1" is docker.io/library/busybox:1. */
function wholeName(tag: string): string {
  const [first, ...more] = tag.split('/')
  if (more.length === 0) return `docker.io/library/${tag}`
  return /[.:]|^localhost$/.test(first!) ? tag : `docker.io/${tag}`
}

function parse<T>({ texts, names }: Read, name: string): T {
  const text = texts.get(name)
  if (!text && name === 'manifest.json')
    throw new TaskError('it is no archive of container images: it has neither index.json nor manifest.json')
  if (!text) throw names.has(name) ? new TaskError(`${name} in it is no JSON`) : cutOff(name)
  try {
    return JSON.parse(text.toString()) as T
  } catch (error) {
    throw new TaskError(`${name} in it is no JSON: ${(error as Error).message}`, { cause: error })
  }
}

function cutOff(name: string): TaskError {
  return new TaskError(`it is not whole: ${name} is missing in it`)
}
