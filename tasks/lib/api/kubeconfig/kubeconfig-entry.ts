import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { TaskError } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import type { Entry, Fields, KubeconfigFiles } from './kubeconfig-files.ts'

/** A certificate or key: its text, or the file to read it from. */
export interface Pem {
  text?: string
  file?: string
}

/** Who reads, for errors. */
export interface Reading {
  config: KubeconfigFiles
  /** 'context "home"' */
  usedBy: string
}

/** The named context, cluster or user; an error with what there is for a name that is not. */
export function findEntry(
  config: KubeconfigFiles,
  { list, name, usedBy }: { list: 'contexts' | 'clusters' | 'users'; name?: string; usedBy?: string },
): Entry {
  const entry = name === undefined ? undefined : config[list].get(name)
  if (entry) return entry
  const kind = list.slice(0, -1)
  if (!name) throw kubeconfigError(config, `has no ${kind} in ${usedBy}`, { hint: useContext(config) })
  const user = usedBy ? `, which ${usedBy} uses` : ''
  const names = [...config[list].keys()]
  const hint =
    didYouMean(name, names) ?? (names.length > 0 ? `it has: ${names.join(', ')}` : useContext(config))
  throw kubeconfigError(config, `has no ${kind} "${name}"${user}`, { hint })
}

/** What is wrong with a kubeconfig, and how it is mended. */
export function kubeconfigError(
  { files }: KubeconfigFiles,
  what: string,
  { hint }: { hint: string },
): TaskError {
  return new TaskError(`kubeconfig ${files} ${what}`, { hint })
}

/** How a kubeconfig gets its current context. */
export function useContext({ files, contexts }: KubeconfigFiles): string {
  const [first] = contexts.keys()
  if (first === undefined) return 'copy a whole one from a control plane node: /etc/kubernetes/admin.conf'
  return `kubectl --kubeconfig ${files} config use-context ${first}`
}

/** FIELD-data as PEM, or the file that FIELD names. */
export function pemOf(
  fields: Fields,
  { field, folder, config, usedBy }: Reading & { field: string; folder: string },
): Pem | undefined {
  const data = text(fields, `${field}-data`)
  if (data !== undefined) {
    const decoded = Buffer.from(data, 'base64').toString()
    if (decoded.includes('-----BEGIN ')) return { text: decoded }
    throw kubeconfigError(config, `has no PEM in ${field}-data of ${usedBy}`, {
      hint: `base64 -w0 FILE gives what belongs there`,
    })
  }
  const name = text(fields, field)
  if (name === undefined) return undefined
  const file = resolve(folder, name)
  if (existsSync(file)) return { file }
  throw kubeconfigError(config, `names a ${field} for ${usedBy} that does not exist: ${file}`, {
    hint: `correct ${field} there`,
  })
}

/** A field as text; undefined where it is empty. */
export function text(fields: Fields, field: string): string | undefined {
  const value = fields[field]
  return value === undefined || value === null || value === '' ? undefined : String(value)
}

/** A list field as texts. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
