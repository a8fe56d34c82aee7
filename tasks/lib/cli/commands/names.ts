import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { environment } from '../../config/environment.ts'
import { packageRoot } from '../root.ts'

/** The names that `tasks apply NAME` takes: manifests/NAME.yaml or .yml of the project and of this package. */
export function manifestNames(root: string | undefined): string[] {
  const folders = [root, packageRoot()].flatMap((parent) => (parent ? [join(parent, 'manifests')] : []))
  const files = folders.filter((folder) => existsSync(folder)).flatMap((folder) => readdirSync(folder))
  const names = files.flatMap((file) => /^(.+)\.ya?ml$/.exec(file)?.[1] ?? [])
  return [...new Set(names)].sort()
}

/**
 * Node names for completion, read without the configuration's checks, because a half-written file must not
 * break <TAB>: the names under nodes: in cluster.yaml and the first labels of K8S_NODES.
 */
export function nodeNames(root: string, { K8S_NODES } = environment()): string[] {
  const ofVariable = (K8S_NODES ?? nodesOfFiles(root)).split(/[\s,]+/).map((node) => node.split('.')[0]!)
  const names = [...clusterNodes(readText(join(root, 'cluster.yaml'))), ...ofVariable]
  return [...new Set(names)].filter((name) => /^[\w-][\w.-]*$/.test(name)).sort()
}

// .env.local wins over .env, as everywhere.
function nodesOfFiles(root: string): string {
  const texts = ['.env.local', '.env'].map((file) => readText(join(root, file)))
  const found = texts.map((text) => /^\s*(?:export\s+)?K8S_NODES\s*=\s*["']?([^"'#\n]*)/m.exec(text)?.[1])
  return found.find((value) => value !== undefined) ?? ''
}

function clusterNodes(text: string): string[] {
  const section = /^nodes:[^\n]*\n((?:[ \t-][^\n]*\n?|#[^\n]*\n?|\n)*)/m.exec(text)?.[1] ?? ''
  const first = /^([ \t]*)-/m.exec(section)?.[1]
  if (first === undefined) return []
  // Only the nodes' own name: keys, not those of their volumes or taints, which stand deeper.
  const own = new RegExp(`^(?:${first}-[ \\t]+|${first}[ \\t]{2})name:[ \\t]*["']?([^"'#\\s]+)`, 'gm')
  const inline = new RegExp(`^${first}-[ \\t]*\\{[^}\\n]*\\bname:[ \\t]*["']?([^"',}\\s]+)`, 'gm')
  return [...section.matchAll(own), ...section.matchAll(inline)].map((match) => match[1]!)
}

function readText(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
