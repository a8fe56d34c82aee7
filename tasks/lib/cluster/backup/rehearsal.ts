import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Progress } from '../../cli/change.ts'
import { TaskError } from '../../cli/errors.ts'
import type { Config } from '../../config/model.ts'
import { componentArguments } from '../../sandbox/control-plane/components.ts'
import { sandboxFiles } from '../../sandbox/control-plane/files.ts'
import { waitForApi } from '../../sandbox/control-plane/health.ts'
import { freePorts } from '../../sandbox/control-plane/ports.ts'
import { runningProcess, startDetached, stopProcess } from '../../sandbox/control-plane/process.ts'
import { writeFiles } from '../../sandbox/control-plane/setup.ts'
import { openLoopback } from '../../sandbox/loopback.ts'
import { ensurePrograms } from '../../sandbox/programs/programs.ts'
import { versions } from '../../sandbox/programs/versions.ts'
import { memoryFolder } from '../../secrets/edit/memory-folder.ts'
import type { OpenedSet } from './opened-set.ts'
import { restoreTo } from './trial.ts'

/** What a rehearsal has read from the restored cluster. */
export interface Rehearsed {
  kubeSystemUid: string
  namespaces: number
  /** All of them were decrypted. */
  secrets: number
  kubernetesVersion: string
}

const names = ['etcd', 'kube-apiserver'] as const

/**
 * Restores a set into an etcd and an API server of its own on loopback, in memory, with the set's encryption keys; reads
 * the cluster's UID and every Secret there, and removes everything. No machine of the cluster is touched.
 */
export async function rehearse(
  set: OpenedSet,
  { config, etcdutl, ...progress }: Progress & { config: Pick<Config, 'root' | 'cluster'>; etcdutl: string },
): Promise<Rehearsed> {
  const folder = memoryFolder()
  const directory = folder.path
  try {
    const programs = await ensurePrograms(names, progress)
    progress.say(`restore ${set.title}`)
    const settings = await prepare(set, { directory, config, etcdutl, ...progress })
    for (const name of names) {
      const files = sandboxFiles(directory)
      await startDetached([programs.get(name)!, ...componentArguments(name, settings)], {
        ...{ pidFile: files.pid(name), logFile: files.log(name) },
        env: { PATH: '/usr/bin:/bin' },
      })
    }
    await ready(set, { directory, progress })
    return await read(set, { directory, progress })
  } finally {
    await stop(directory)
    folder.remove()
  }
}

interface Preparing extends Progress {
  directory: string
  config: Pick<Config, 'root' | 'cluster'>
  etcdutl: string
}

async function prepare(set: OpenedSet, { directory, config, etcdutl, signal }: Preparing) {
  const files = sandboxFiles(directory)
  const ports = await freePorts()
  const { podSubnet, serviceSubnet } = config.cluster.network
  const peer = `https://127.0.0.1:${ports.etcdPeer}`
  const words = [
    '--name=sandbox',
    `--initial-cluster=sandbox=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
  ]
  await restoreTo(files.etcdData, { set, scratch: directory, etcdutl, signal, words })
  await mkdir(join(directory, 'run'), { recursive: true, mode: 0o700 })
  // What is there already is kept: the keys of the backup instead of new ones.
  const encryption = set.files.get('enc/config.yaml')
  if (encryption) await writeFile(files.encryption, encryption, { mode: 0o600 })
  const state = { created: set.manifest.time, root: config.root, kubernetesVersion: versions.kubernetes }
  await writeFiles(directory, { ...state, ports, podSubnet, serviceSubnet })
  return { directory, ports, podSubnet, serviceSubnet }
}

// An API server that cannot decrypt a Secret never gets ready: its log says so at once.
async function ready(
  { title }: OpenedSet,
  { directory, progress }: { directory: string; progress: Progress },
): Promise<void> {
  const unreadable = new AbortController()
  const timer = setInterval(async () => {
    const log = await readFile(sandboxFiles(directory).log('kube-apiserver'), 'utf8').catch(() => '')
    const [, key] = /unable to transform key "([^"]+)"/.exec(log) ?? []
    if (key) unreadable.abort(notReadable(title, key))
  }, 500)
  try {
    const signal = AbortSignal.any([progress.signal, unreadable.signal])
    await waitForApi(directory, { say: progress.say, signal })
  } finally {
    clearInterval(timer)
  }
}

function notReadable(title: string, what: string): TaskError {
  return new TaskError(`${title} was restored, and ${what} cannot be read`, {
    hint: 'its encryption keys are not those of its data: take another one, tasks etcd:backups',
  })
}

async function read(
  { manifest, title }: OpenedSet,
  { directory, progress }: { directory: string; progress: Progress },
): Promise<Rehearsed> {
  progress.say('read the restored cluster')
  const line = await openLoopback(sandboxFiles(directory).kubeconfig)
  const get = async (path: string) => {
    const { status, body } = await line.ask('GET', path, { timeoutSeconds: 120 })
    if (status === 200) return JSON.parse(body)
    const { message } = JSON.parse(body) as { message?: string }
    throw notReadable(title, `${path} (${message ?? `status ${status}`})`)
  }
  try {
    const { uid } = (await get('/api/v1/namespaces/kube-system')).metadata
    if (uid !== manifest.kubeSystemUid)
      throw new TaskError(
        `${title} holds another cluster: kube-system has UID ${uid}, not ${manifest.kubeSystemUid}`,
      )
    const namespaces = (await get('/api/v1/namespaces')).items.length
    const secrets = (await get('/api/v1/secrets')).items.length
    return { kubeSystemUid: uid, namespaces, secrets, kubernetesVersion: versions.kubernetes }
  } finally {
    line.close()
  }
}

async function stop(directory: string): Promise<void> {
  for (const name of names.toReversed()) {
    const running = await runningProcess(sandboxFiles(directory).pid(name))
    if (running) await stopProcess(running)
  }
}
