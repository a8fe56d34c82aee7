import { existsSync, readFileSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { findEntry, text } from '../../api/kubeconfig/kubeconfig-entry.ts'
import {
  asFields,
  type Entry,
  type Fields,
  type KubeconfigFiles,
} from '../../api/kubeconfig/kubeconfig-files.ts'
import { TaskError } from '../../cli/errors.ts'

/** What one context says, with the files that it names taken in. */
export interface ContextContent {
  cluster: Fields
  user: Fields
  namespace?: string
}

/** A context of a kubeconfig; undefined where it, or what it refers to, is not there. */
export function presentContext(config: KubeconfigFiles, name: string): ContextContent | undefined {
  const context = config.contexts.get(name)?.fields
  const cluster = context && config.clusters.get(text(context, 'cluster') ?? '')
  const user = context && config.users.get(text(context, 'user') ?? '')
  if (!cluster || !user) return undefined
  return contentOf(context, { cluster, user })
}

/** The context that reaches a target, the current one unless named; an error where it is not whole. */
export function adminContext(config: KubeconfigFiles, context = config.currentContext): ContextContent {
  const { fields } = findEntry(config, { list: 'contexts', name: context })
  const usedBy = `context "${context}"`
  const cluster = findEntry(config, { list: 'clusters', name: text(fields, 'cluster'), usedBy })
  const user = findEntry(config, { list: 'users', name: text(fields, 'user'), usedBy })
  return contentOf(fields, { cluster, user })
}

function contentOf(context: Fields, { cluster, user }: { cluster: Entry; user: Entry }): ContextContent {
  const namespace = text(context, 'namespace')
  const users = takenIn(takenIn(user, 'client-certificate'), 'client-key')
  return {
    cluster: takenIn(cluster, 'certificate-authority').fields,
    user: wholePaths(users).fields,
    ...(namespace && { namespace }),
  }
}

// The entry moves to another file: what it names by a path is taken along.
function takenIn({ fields, folder }: Entry, field: string): Entry {
  const { [field]: path, ...rest } = fields
  if (typeof path !== 'string' || path === '' || fields[`${field}-data`]) return { fields, folder }
  const file = resolve(folder, path)
  if (!existsSync(file)) return { fields, folder }
  try {
    return { fields: { ...rest, [`${field}-data`]: readFileSync(file).toString('base64') }, folder }
  } catch (cause) {
    throw new TaskError(`${field} ${file} cannot be read`, { cause, hint: `ls -l ${file}` })
  }
}

// A token file and a plugin stay where they are: they are read again each time.
function wholePaths({ fields, folder }: Entry): Entry {
  const { tokenFile, exec } = fields
  const { command } = asFields(exec)
  const whole: Fields = { ...fields }
  if (typeof tokenFile === 'string' && tokenFile !== '') whole.tokenFile = resolve(folder, tokenFile)
  if (typeof command === 'string' && command.includes('/') && !isAbsolute(command)) {
    whole.exec = { ...asFields(exec), command: resolve(folder, command) }
  }
  return { fields: whole, folder }
}
