import { registerSecret } from '../cli/redact.ts'
import type { Opened } from './engine.ts'
import { isEncrypted } from './tree/cipher.ts'
import { type Comment, child, type Entry, entry, type MapNode, type Node } from './tree/tree.ts'

/**
 * Keeps the texts that were encrypted in a file out of everything this process prints. What a Kubernetes object is and
 * is called is no secret, also where the whole file is encrypted; what its data stands for is one.
 */
export function registerClearValues({ document, clear }: Pick<Opened, 'document' | 'clear'>): void {
  for (const [index, branch] of clear.entries()) {
    const sealed = document.branches[index]
    if (child(branch, 'apiVersion') && child(branch, 'kind')) registerObject(branch, sealed)
    else register(branch, sealed)
  }
}

function registerObject(branch: MapNode, sealed: MapNode | undefined): void {
  register(withoutHead(branch), sealed && withoutHead(sealed))
  const data = child(branch, 'data')
  if (data?.type === 'map') for (const item of data.items) registerDecoded(item)
}

const head = ['apiVersion', 'kind', 'type']
const name = ['name', 'namespace', 'labels']

function withoutHead(branch: MapNode): MapNode {
  const metadata = child(branch, 'metadata')
  const rest = without(branch, [...head, 'metadata'])
  if (metadata?.type !== 'map') return rest
  return { ...rest, items: [...rest.items, entry('metadata', without(metadata, name))] }
}

function without(node: MapNode, keys: string[]): MapNode {
  return { ...node, items: node.items.filter((item) => item.type === 'comment' || !keys.includes(item.key)) }
}

function registerDecoded(item: Entry | Comment): void {
  const text = item.type === 'entry' ? textOf(item.value) : undefined
  if (text !== undefined) registerSecret(Buffer.from(text, 'base64').toString())
}

// Both trees have the same shape; a text is secret where its other side is a ciphertext.
function register(clear: Node | Comment, sealed: Node | Comment | undefined): void {
  if (clear.type === 'map' && sealed?.type === 'map') {
    clear.items.forEach((item, index) => {
      const other = sealed.items[index]
      if (item.type === 'comment') register(item, other?.type === 'comment' ? other : undefined)
      else register(item.value, other?.type === 'entry' ? other.value : undefined)
    })
  } else if (clear.type === 'list' && sealed?.type === 'list') {
    clear.items.forEach((item, index) => {
      register(item, sealed.items[index])
    })
  } else if (isEncrypted(textOf(sealed) ?? '')) registerSecret(textOf(clear))
}

function textOf(node: Node | Comment | undefined): string | undefined {
  if (node?.type === 'comment') return node.text
  return node?.type === 'leaf' && typeof node.value === 'string' ? node.value : undefined
}
