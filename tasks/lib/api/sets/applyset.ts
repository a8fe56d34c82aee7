import { createHash } from 'node:crypto'
import type { KubernetesObject } from '../../manifest/object.ts'
import { fieldManager } from '../compare/managed-fields.ts'

/** Each set's record is a Secret in this namespace: no install is without it, and no plan deletes it. */
export const parentNamespace = 'kube-system'
export const idLabel = 'applyset.kubernetes.io/id'
export const partOfLabel = 'applyset.kubernetes.io/part-of'
export const sourceAnnotation = 'metaltasks/source'

const toolingAnnotation = 'applyset.kubernetes.io/tooling'
const kindsAnnotation = 'applyset.kubernetes.io/contains-group-kinds'
const namespacesAnnotation = 'applyset.kubernetes.io/additional-namespaces'
const jobsAnnotation = 'metaltasks/finished-jobs'
const tooling = 'metaltasks/v1'

/** What a set holds, as its parent records it. */
export interface SetContents {
  /** "Deployment.apps", "Secret". */
  groupKinds: Set<string>
  namespaces: Set<string>
  /** Jobs that completed and went away by themselves: "namespace/name" with the fingerprint of what was applied. */
  finishedJobs: Map<string, string>
}

/** The name of the Secret that records the set. */
export function parentName(set: string): string {
  return `metaltasks-${set}`
}

/** The identifier of an ApplySet (KEP-3659, version 1) by its parent, which is a Secret. */
export function applySetId(name: string, namespace = parentNamespace): string {
  const hash = createHash('sha256').update(`${name}.${namespace}.Secret.`).digest('base64url')
  return `applyset-${hash}-v1`
}

/** The parent to apply, which says what the set may hold. */
export function parentObject(
  set: string,
  { source, contents }: { source: string; contents: SetContents },
): KubernetesObject {
  const name = parentName(set)
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: parentNamespace,
      labels: { [idLabel]: applySetId(name) },
      annotations: {
        [toolingAnnotation]: tooling,
        [kindsAnnotation]: [...contents.groupKinds].sort().join(','),
        [namespacesAnnotation]: [...inner(contents.namespaces)].sort().join(','),
        [sourceAnnotation]: source,
        ...(contents.finishedJobs.size > 0 ? { [jobsAnnotation]: jobsIn(contents).sort().join(',') } : {}),
      },
    },
    type: 'metaltasks/set',
  }
}

/** What the parent says that its set holds. */
export function contentsOf(parent: KubernetesObject): SetContents {
  const { annotations = {} } = parent.metadata
  const jobs = [...listed(annotations[jobsAnnotation])].map((job) => job.split('=') as [string, string])
  return {
    groupKinds: listed(annotations[kindsAnnotation]),
    namespaces: listed(annotations[namespacesAnnotation]),
    finishedJobs: new Map(jobs),
  }
}

/** True when this tool made the parent; another tool's set is never changed. */
export function isOurs(parent: KubernetesObject): boolean {
  return parent.metadata.annotations?.[toolingAnnotation]?.startsWith(`${fieldManager}/`) ?? false
}

/** What a set may hold while it changes from the first to the second; Jobs finish only at the end. */
export function unionOfContents(a: SetContents, b: SetContents): SetContents {
  return {
    groupKinds: new Set([...a.groupKinds, ...b.groupKinds]),
    namespaces: new Set([...a.namespaces, ...b.namespaces]),
    finishedJobs: a.finishedJobs,
  }
}

/** True when both name the same. */
export function sameContents(a: SetContents, b: SetContents): boolean {
  return (
    sameMembers(a.groupKinds, b.groupKinds) &&
    sameMembers(inner(a.namespaces), inner(b.namespaces)) &&
    sameMembers(new Set(jobsIn(a)), new Set(jobsIn(b)))
  )
}

function jobsIn({ finishedJobs }: SetContents): string[] {
  return [...finishedJobs].map((job) => job.join('='))
}

// The parent's own namespace is part of every set, written down or not.
function inner(namespaces: Set<string>): Set<string> {
  return new Set([...namespaces].filter((namespace) => namespace && namespace !== parentNamespace))
}

function sameMembers(a: Set<string>, b: Set<string>): boolean {
  return a.size === b.size && [...a].every((member) => b.has(member))
}

function listed(text: string | undefined): Set<string> {
  return new Set(
    (text ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  )
}
