import { registerSecret } from '../cli/redact.ts'
import type { Opened } from './engine.ts'
import { isEncrypted } from './tree/cipher.ts'
import type { Comment, Node } from './tree/tree.ts'

/** Keeps the texts that were encrypted in a file out of everything this process prints. */
export function registerClearValues({ document, clear }: Pick<Opened, 'document' | 'clear'>): void {
  clear.forEach((branch, index) => {
    register(branch, document.branches[index])
  })
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
