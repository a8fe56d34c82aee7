import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { type Finding, type Place, TaskError } from '../../../cli/errors.ts'
import type { Action, Answer, Planned, Resource } from '../../resource.ts'
import { wholeAnswer } from '../../system/answers.ts'
import { isForeign } from '../on-our-machines.ts'
import type { ImageArchive } from './archives.ts'

export interface ImagesOptions {
  /** containerd is there and runs by the time that this is done. */
  installedBefore: boolean
  source?: Place
}

/** The images of archives in the container runtime of a machine; what it has already is not sent. */
export function imageResource(archives: readonly ImageArchive[], options: ImagesOptions): Resource {
  return {
    target: 'container images',
    source: options.source,
    probe: imageProbe,
    plan: (answer) => planImages(archives, { present: presentImages(answer), options }),
    // The runtime hears of an image a moment after it came.
    settleSeconds: 30,
  }
}

const socket = 'unix:///run/containerd/containerd.sock'

const imageProbe = `if ${isForeign} && ! command -v crictl >/dev/null; then echo foreign; exit 0; fi
if ! command -v crictl >/dev/null || ! systemctl is-active -q containerd.service; then echo none; exit 0; fi
echo images
crictl -r ${socket} -i ${socket} -t 60s images -o json`

/** Ids by name; or why there is nothing to ask: no runtime yet, or somebody else's. */
type Present = ReadonlyMap<string, string> | 'none' | 'foreign'

function presentImages(answer: Answer): Present {
  const text = wholeAnswer(answer)
  const [first] = text.split('\n', 1)
  if (first === 'none' || first === 'foreign') return first
  try {
    const { images } = JSON.parse(text.slice(first!.length)) as {
      images?: { id: string; repoTags?: string[] | null }[]
    }
    return new Map(
      (images ?? []).flatMap(({ id, repoTags }) => (repoTags ?? []).map((tag) => [tag, id] as const)),
    )
  } catch (error) {
    throw new TaskError(`what crictl says of its images is not understood: ${text.slice(0, 80)}`, {
      cause: error,
    })
  }
}

function planImages(
  archives: readonly ImageArchive[],
  { present, options }: { present: Present; options: ImagesOptions },
): Planned {
  if (present === 'foreign') return { actions: [], findings: [notOurs] }
  if (present === 'none' && !options.installedBefore) return { actions: [withoutRuntime] }
  const there = typeof present === 'string' ? new Map<string, string>() : present
  const missing = archives.filter(({ images }) =>
    images.some(({ name, ids }) => !ids.includes(there.get(name) ?? '')),
  )
  return { actions: missing.map((archive) => importAction(archive, there)) }
}

function importAction({ file, bytes, images }: ImageArchive, there: ReadonlyMap<string, string>): Action {
  const names = images.map(({ name }) => name)
  const title = names.length > 1 ? `${names[0]} and ${names.length - 1} more` : names[0]!
  const before = images.flatMap(({ name }) => (there.has(name) ? [`${name} ${there.get(name)}`] : []))
  return {
    action: before.length > 0 ? 'update' : 'create',
    title: `send image ${title}`,
    before,
    after: images.map(({ name, ids }) => `${name} ${ids.join(' ')}`),
    commands: ['ctr -n k8s.io images import --local -'],
    notes: [`${basename(file)}, ${(bytes / 1_000_000).toFixed(1)} MB`],
    input: () => () => createReadStream(file, { highWaterMark: 256 * 1024 }),
  }
}

const withoutRuntime: Action = {
  action: 'create',
  title: 'send images',
  commands: [],
  blocked: {
    severity: 'error',
    message: 'containerd does not run on it, or crictl is missing: nothing can take its images',
    hint: 'install them first: tasks node:software',
  },
}

const notOurs: Finding = {
  severity: 'warning',
  message: 'it is a member of a cluster without crictl: its images are not known, and none is sent',
  hint: 'install crictl on it, or leave software.images out',
}
