import { SecretError } from '../errors.ts'
import type { EmitOptions, FileType } from '../stores/store.ts'
import { storeOf } from '../stores/stores.ts'
import { type Comment, entry, type MapNode, map, type Node } from '../tree/tree.ts'

/** A place in a tree: keys of maps and indexes of lists. */
export type TreePath = (string | number)[]

/** Reads '["db"]["users"][0]'. Throws a SecretError for anything else. Source: parseTreePath of sops. */
export function parseTreePath(text: string): TreePath {
  const parts = [...text.matchAll(/\[(?:"([^"]*)"|'([^']*)'|(\d+))\]/gy)]
  if (parts.length > 0 && parts.reduce((length, [part]) => length + part.length, 0) === text.length) {
    return parts.map(([, double, single, index]) => double ?? single ?? Number(index))
  }
  const hint = `for example: --extract '["stringData"]["password"]', or '["users"][0]'`
  throw new SecretError(`${text} is no path to a value`, { code: 'treePath', hint })
}

/** What stands at a path. Throws a SecretError that says where nothing was found, without any value. */
function nodeAt(branch: MapNode, path: TreePath, { file }: { file: string }): Node | Comment {
  let node: Node | Comment = branch
  for (const [index, step] of path.entries()) {
    const next = stepInto(node, step)
    if (next === undefined) throw notFound(path.slice(0, index + 1), { file, node })
    node = next
  }
  return node
}

function stepInto(node: Node | Comment, step: string | number): Node | Comment | undefined {
  if (typeof step === 'number') return node.type === 'list' ? node.items[step] : undefined
  if (node.type !== 'map') return undefined
  const found = node.items.find((item) => item.type === 'entry' && item.key === step)
  return found?.type === 'entry' ? found.value : undefined
}

function notFound(path: TreePath, { file, node }: { file: string; node: Node | Comment }): SecretError {
  const keys =
    node.type === 'map' ? node.items.flatMap((item) => (item.type === 'entry' ? item.key : [])) : []
  const shown = path.map((step) => `[${JSON.stringify(step)}]`).join('')
  const hint = keys.length > 0 ? `the keys there are ${keys.slice(0, 20).join(', ')}` : undefined
  return new SecretError(`has nothing at ${shown}`, { code: 'generic', file, hint })
}

/**
 * What stands at a path, as sops prints it: a text as it is, a map as a file, anything else as a value of the output
 * type. Other documents follow a map of the first one.
 */
export async function extractText(
  branches: MapNode[],
  path: TreePath,
  { file, type, ...options }: { file: string; type: FileType } & EmitOptions,
): Promise<Uint8Array> {
  const node = nodeAt(branches[0]!, path, { file })
  const store = await storeOf(type)
  if (node.type === 'map') return store.emit({ branches: [node, ...branches.slice(1)] }, options)
  if (node.type === 'comment') return Buffer.from(node.text)
  if (node.type === 'leaf' && typeof node.value === 'string') return Buffer.from(node.value)
  if (node.type === 'leaf' && node.value instanceof Uint8Array) return node.value
  if (type === 'yaml' || type === 'json')
    return Buffer.from(valueText(store.emit({ branches: [map([entry('v', node)])] }), type))
  const message = `${node.type === 'list' ? 'a list' : 'a value that is no text'} cannot be written as ${type}`
  throw new SecretError(message, { code: 'dumpTree', file, hint: '--output-type yaml' })
}

// The value out of a file that holds nothing else: behind "v: ", or one level deeper below it.
function valueText(bytes: Uint8Array, type: 'yaml' | 'json'): string {
  const text = Buffer.from(bytes).toString()
  if (type === 'json') return text.replace(/^\{\n\t"v": |\n\}\n$/g, '').replaceAll('\n\t', '\n')
  return text.startsWith('v:\n') ? text.slice(3).replaceAll(/^ {4}/gm, '') : text.slice(3)
}
