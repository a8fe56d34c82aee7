import { existsSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import type { ApiClient } from '../../api/client.ts'
import type { Fields, KubeconfigFiles, KubeconfigText } from '../../api/kubeconfig/kubeconfig-files.ts'
import { readKubeconfigFiles } from '../../api/kubeconfig/kubeconfig-files.ts'
import { throwOnErrors } from '../../cli/errors.ts'
import type { Subject } from './certificate-request.ts'
import { heldCertificate, whyRenew } from './held-certificate.ts'
import { isSameCluster } from './kubeconfig-cluster.ts'
import { findConflicts } from './kubeconfig-conflicts.ts'
import type { WantedEntry } from './kubeconfig-merge.ts'
import { type EntryNames, entryNames } from './kubeconfig-names.ts'
import { adminContext, type ContextContent, presentContext } from './kubeconfig-present.ts'

/** The cluster, and the kubeconfig and context that reach it as its administrator. */
export interface Source {
  client: ApiClient
  kubeconfig: string | KubeconfigText
  context: string | undefined
}

/** Which contexts are wanted, and where. */
export interface Wanted {
  file: string
  /** The file holds only what we write, as the sandbox's own: replaced without a conflict or a backup. */
  isOwn: boolean
  cluster: string
  namespace: string
  /** Whom the user context's certificate names. */
  user: string
  prefix?: string
  /** How long a new certificate is asked for. */
  days: number
  /** Takes a new certificate although the present one is good. */
  renew?: boolean
  now: Date
}

/** What is there and what is wanted, compared. */
export interface Scene {
  source: Source
  wanted: Wanted
  names: EntryNames
  subject: Subject
  admin: ContextContent
  present: { sudo?: ContextContent; user?: ContextContent; currentContext?: string }
  /** Why a new certificate is needed; undefined where the present one is good. */
  reason?: string
}

/** Reads the source and the file; a name in it that belongs to another cluster is an error. */
export async function look(source: Source, wanted: Wanted): Promise<Scene> {
  const { file, namespace, user, now, isOwn, renew } = wanted
  const admin = adminContext(readKubeconfigFiles(source.kubeconfig), source.context)
  const names = entryNames(wanted)
  const config = existsSync(file) ? readKubeconfigFiles(file) : undefined
  if (config && !isOwn) throwOnErrors(findConflicts(config, { names, cluster: admin.cluster }))
  const present = config ? presentContexts(config, names) : {}
  const subject = { user, group: `users:${namespace}` }
  const isHere = present.user !== undefined && isSameCluster(present.user.cluster, admin.cluster)
  const held = isHere ? heldCertificate(present.user!.user) : undefined
  const reason = renew ? 'a new one was asked for' : whyRenew(held, { subject, now })
  return { source, wanted, names, subject, admin, present, reason }
}

function presentContexts(config: KubeconfigFiles, names: EntryNames): Scene['present'] {
  return {
    sudo: presentContext(config, names.sudo.context),
    user: presentContext(config, names.user.context),
    currentContext: config.currentContext,
  }
}

/** Whether the file says all of it already, under whatever names of clusters and users. */
export function isUpToDate({ present, admin, wanted, reason }: Scene): boolean {
  const { sudo, user, currentContext } = present
  if (reason !== undefined || !sudo || !user || !currentContext) return false
  const isSudo = isSameCluster(sudo.cluster, admin.cluster) && isDeepStrictEqual(sudo.user, admin.user)
  return isSudo && isSameCluster(user.cluster, admin.cluster) && user.namespace === wanted.namespace
}

/** The entries that are to stand in the file, with this login of the user. */
export function wantedEntries({ names, admin, wanted }: Scene, login: Fields): WantedEntry[] {
  const { cluster, sudo, user } = names
  const { namespace } = wanted
  const ownContext = { cluster, namespace, user: user.user }
  return [
    { list: 'clusters', name: cluster, fields: admin.cluster },
    { list: 'users', name: sudo.user, fields: admin.user },
    { list: 'users', name: user.user, fields: login },
    { list: 'contexts', name: sudo.context, fields: { cluster, user: sudo.user } },
    { list: 'contexts', name: user.context, fields: ownContext },
  ]
}
