import { createHash } from 'node:crypto'
import type { Progress } from '../../cli/change.ts'
import { stringifyJson } from '../../manifest/json.ts'
import type { KubernetesObject } from '../../manifest/object.ts'
import type { Observed } from '../objects/observed.ts'
import { refOf } from '../resource.ts'
import type { Run } from '../run.ts'
import type { SetContents } from './applyset.ts'

/** The name under which a record keeps a Job that goes away when it is done; nothing for all other objects. */
export function vanishingJob(object: KubernetesObject): string | undefined {
  const { apiVersion, kind, metadata, spec } = object as Observed
  if (apiVersion !== 'batch/v1' || kind !== 'Job' || spec?.ttlSecondsAfterFinished === undefined)
    return undefined
  return `${metadata.namespace}/${metadata.name}`
}

/** A fingerprint of what is applied: a Job that differs runs again. */
export function jobFingerprint(object: KubernetesObject): string {
  return createHash('sha256').update(stringifyJson(object)).digest('hex').slice(0, 16)
}

/** True when this very Job has completed under this record and has gone since. */
export function hasFinished(object: KubernetesObject, recorded: SetContents | undefined): boolean {
  const name = vanishingJob(object)
  return name !== undefined && recorded?.finishedJobs.get(name) === jobFingerprint(object)
}

// Longer than that, and the next run finds the Job still there or runs it again: either is right.
const patienceMilliseconds = 60_000

/** The contents with only those Jobs as finished that really are; one that fails is reported by its own check. */
export async function withFinishedJobs(
  { waiter }: Run,
  { contents, jobs, progress }: { contents: SetContents; jobs: KubernetesObject[]; progress: Progress },
): Promise<SetContents> {
  const signal = AbortSignal.any([progress.signal, AbortSignal.timeout(patienceMilliseconds)])
  const finished = new Map(contents.finishedJobs)
  const wait = async (object: KubernetesObject) => {
    const known = { object, at: 0 }
    await waiter
      .ready({ ref: refOf(object), known, labelled: true }, { say: progress.say, signal })
      .catch(() => finished.delete(vanishingJob(object)!))
  }
  await Promise.all(jobs.map(wait))
  return { ...contents, finishedJobs: finished }
}
