import type { KubernetesObject } from '../../manifest/object.ts'
import { groupKindOf } from '../objects/identity.ts'
import type { SetContents } from './applyset.ts'
import { jobFingerprint, vanishingJob } from './finished-jobs.ts'

/** The kinds and namespaces of these objects, as a set's record has them. */
export function contentsOfObjects(objects: Iterable<KubernetesObject>): SetContents {
  const contents: SetContents = { groupKinds: new Set(), namespaces: new Set(), finishedJobs: new Map() }
  for (const object of objects) {
    contents.groupKinds.add(groupKindOf(object))
    if (object.metadata.namespace) contents.namespaces.add(object.metadata.namespace)
    const job = vanishingJob(object)
    if (job) contents.finishedJobs.set(job, jobFingerprint(object))
  }
  return contents
}
