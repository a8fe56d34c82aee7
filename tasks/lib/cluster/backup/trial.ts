import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { run } from '../../cli/process/shell.ts'
import { memoryFolder } from '../../secrets/edit/memory-folder.ts'
import type { OpenedSet } from './opened-set.ts'

/** How the data of etcd is restored on this machine. */
export interface TrialOptions {
  /** Path of the program. */
  etcdutl: string
  signal: AbortSignal
}

/** Restores the snapshot of a set in memory, and compares it with what was written down when it was made. */
export async function tryRestore(set: OpenedSet, options: TrialOptions): Promise<void> {
  const folder = memoryFolder()
  try {
    await restoreTo(join(folder.path, 'etcd'), { set, scratch: folder.path, ...options })
  } finally {
    folder.remove()
  }
}

/** Restores the snapshot into a folder that is not there yet; `words` go to etcdutl. */
export async function restoreTo(
  data: string,
  {
    set,
    scratch,
    etcdutl,
    signal,
    words = [],
  }: TrialOptions & { set: OpenedSet; scratch: string; words?: string[] },
): Promise<void> {
  const file = join(scratch, 'snapshot.db')
  await writeFile(file, set.snapshot, { mode: 0o600 }).catch((error: Error) => {
    throw new TaskError(`there is no room in memory for ${set.title}: ${error.message}`, {
      hint: `${Math.ceil((set.snapshot.length * 3) / 1e6)} MB are needed in /dev/shm`,
    })
  })
  const argv = [etcdutl, 'snapshot', 'restore', file, '--data-dir', data, ...words]
  const restored = await run(argv, { signal, allowFailure: true })
  if (restored.exitCode !== 0) throw damaged(set, lastLine(restored.stderr))
  const { stdout } = await run([etcdutl, 'snapshot', 'status', join(data, 'member/snap/db'), '-w', 'json'], {
    signal,
  })
  const { revision } = JSON.parse(stdout) as { revision: number }
  if (revision !== set.manifest.revision)
    throw damaged(set, `it is at revision ${revision}, and was at ${set.manifest.revision}`)
}

function damaged({ title }: OpenedSet, reason: string): TaskError {
  return new TaskError(`${title} cannot be restored: ${reason}`, {
    hint: 'take another one: tasks etcd:backups',
  })
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? ''
}
