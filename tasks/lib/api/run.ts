import { setMaxListeners } from 'node:events'
import type { Finding } from '../cli/errors.ts'
import type { KubernetesObject, ManifestObject } from '../manifest/object.ts'
import type { ApiClient } from './client.ts'
import type { Waiter } from './wait/wait.ts'
import { createWaiter } from './wait/wait.ts'

/** What belongs together under one name: applied, pruned and deleted as one. */
export interface ObjectSet {
  /** DNS-safe: the step's name, and part of the name of the set's parent. */
  name: string
  title: string
  /** Where it came from, the same on every machine where that is possible: "manifests/web.yaml". */
  source: string
  objects: ManifestObject[]
  /** Of namespaced objects that name none; the context's where it is not set. */
  namespace?: string
  /** Without objects it is no mistake: what the set held is pruned. */
  mayBeEmpty?: boolean
}

/** What may be deleted besides the harmless. */
export interface DeleteFlags {
  includeNamespaces?: boolean
  includeCrds?: boolean
  /** PersistentVolumes and PersistentVolumeClaims: the data may go with them. */
  includeVolumes?: boolean
}

export interface PlanOptions extends DeleteFlags {
  signal: AbortSignal
  say?(text: string): void
  /** Warnings and notes for the plan are added here. */
  findings?: Finding[]
  /** No real machine stands behind what becomes ready. */
  simulated?: boolean
  /** Why this object is dry-run by the server only, and never stored. */
  transient?(object: KubernetesObject): string | undefined
  /** Takes over fields that other managers own. */
  forceConflicts?: boolean
  /** Objects to delete and create anew where a field cannot be changed: "Deployment/web", "Deployment/default/web". */
  replace?: string[]
  /** False: objects that left the set's files stay. */
  prune?: boolean
  /** Prunes more than a fifth of a set. */
  pruneMany?: boolean
  /** The set's files are somewhere else now. */
  moved?: boolean
}

/** What all parts of one plan share. */
export interface Run {
  client: ApiClient
  options: PlanOptions
  waiter: Waiter
  findings: Finding[]
  say: (text: string) => void
  /** A namespace as it is on the server, read once; undefined where it does not exist. */
  namespace(name: string): Promise<KubernetesObject | undefined>
}

/** Starts a plan against one server; nothing is read yet. */
export function createRun(client: ApiClient, options: PlanOptions): Run {
  // Every request in flight listens to it; Node takes more than ten for a leak.
  setMaxListeners(0, options.signal)
  const namespaces = new Map<string, Promise<KubernetesObject | undefined>>()
  return {
    client,
    options,
    waiter: createWaiter(client),
    findings: options.findings ?? [],
    say: options.say ?? (() => {}),
    namespace(name) {
      const known = namespaces.get(name)
      if (known) return known
      const reading = client.get({ apiVersion: 'v1', kind: 'Namespace', name }, { signal: options.signal })
      namespaces.set(name, reading)
      return reading
    },
  }
}
