import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, resolve } from 'node:path'
import { parse, YAMLParseError } from 'yaml'
import { TaskError } from '../../cli/errors.ts'

/** The fields of one cluster, user or context, as the file writes them. */
export type Fields = Record<string, unknown>

/** A kubeconfig that is in memory only. */
export interface KubeconfigText {
  text: string
  /** Where it is from, for errors: "kube1:/etc/kubernetes/admin.conf". */
  title: string
}

/** Named entries of one or more kubeconfig files; each remembers the folder that its relative paths start from. */
export interface KubeconfigFiles {
  /** As given, for errors. */
  files: string
  currentContext?: string
  clusters: Map<string, Entry>
  users: Map<string, Entry>
  contexts: Map<string, Entry>
}

export interface Entry {
  fields: Fields
  folder: string
}

/**
 * Reads one kubeconfig, or several in the form of KUBECONFIG: files that are not there are skipped, and for each name
 * and for the current context the first file that has it wins.
 */
export function readKubeconfigFiles(source: string | KubeconfigText): KubeconfigFiles {
  const files = typeof source === 'string' ? source : source.title
  const merged: KubeconfigFiles = { files, clusters: new Map(), users: new Map(), contexts: new Map() }
  if (typeof source !== 'string') {
    addDocument(merged, { document: readDocument(source), folder: '/' })
    return merged
  }
  const paths = existsSync(files) ? [files] : files.split(delimiter).filter((path) => existsSync(path))
  if (paths.length === 0) {
    throw new TaskError(`kubeconfig ${files} does not exist`, {
      hint: 'copy it from a control plane node: /etc/kubernetes/admin.conf',
    })
  }
  for (const path of paths) addFile(merged, path)
  return merged
}

function addFile(merged: KubeconfigFiles, path: string): void {
  const document = readDocument({ title: path, text: () => readFileSync(path, 'utf8') })
  addDocument(merged, { document, folder: dirname(resolve(path)) })
}

function addDocument(
  merged: KubeconfigFiles,
  { document, folder }: { document: Fields; folder: string },
): void {
  const current = document['current-context']
  if (!merged.currentContext && typeof current === 'string') merged.currentContext = current
  for (const [list, field] of [
    ['clusters', 'cluster'],
    ['users', 'user'],
    ['contexts', 'context'],
  ] as const) {
    for (const item of asList(document[list])) {
      const name = String(item.name)
      const fields = asFields(item[field])
      if (!merged[list].has(name)) merged[list].set(name, { fields, folder })
    }
  }
}

function readDocument({ title: path, text }: { title: string; text: string | (() => string) }): Fields {
  try {
    const document: unknown = parse(typeof text === 'string' ? text : text()) ?? {}
    if (typeof document === 'object' && !Array.isArray(document)) return document as Fields
  } catch (cause) {
    const what = cause instanceof YAMLParseError ? 'is not valid YAML' : 'cannot be read'
    // The parser goes on to quote the text, which may hold a key: only its first line is said, and it is no cause.
    const [said = ''] = (cause as Error).message.split('\n')
    throw new TaskError(`kubeconfig ${path} ${what}: ${said.replace(/:$/, '')}`, {
      hint: `mend it, then: kubectl --kubeconfig ${path} config view`,
    })
  }
  throw new TaskError(`kubeconfig ${path} is not a map of clusters, users and contexts`, {
    hint: `kubectl --kubeconfig ${path} config view`,
  })
}

function asList(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(asFields) : []
}

/** A map, or an empty one for anything else. */
export function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}
