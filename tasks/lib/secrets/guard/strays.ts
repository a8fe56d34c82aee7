import { keyFields } from '../metadata/key-fields.ts'
import type { Document } from '../stores/store.ts'
import { isEncrypted } from '../tree/cipher.ts'
import type { Comment, Entry, MapNode, Node } from '../tree/tree.ts'
import { keyTypes, ownFields } from './sops-block.ts'

/** What stands in a sops block though sops wrote it not: such things are in no MAC, and no key is needed to read them. */
export interface Stray {
  path: string
  /** Where, as an offset in the text. */
  at?: number
}

/** What somebody put into the sops blocks of a file by hand. */
export async function strays({ type, text }: Document): Promise<Stray[]> {
  const blocks = (await treesOf(type, text)).flatMap(({ items }) =>
    items.filter((item): item is Entry => item.type === 'entry' && item.key === 'sops'),
  )
  return blocks.flatMap(({ value }) => inMap(value, { path: 'sops', known: ownFields }))
}

async function treesOf(type: Document['type'], text: string): Promise<MapNode[]> {
  if (type === 'yaml') {
    const [{ parseDocuments }, { readTree }] = await Promise.all([
      import('../stores/yaml/syntax/documents.ts'),
      import('../stores/yaml/read-tree.ts'),
    ])
    return parseDocuments(text).map(readTree)
  }
  if (type !== 'json') return []
  const { readJson } = await import('../stores/json/read.ts')
  return [readJson(text, { file: '', encrypted: true }).root]
}

interface Within {
  path: string
  known: string[]
}

function inMap(node: Node, { path, known }: Within): Stray[] {
  if (node.type !== 'map') return []
  return node.items.flatMap((item) => {
    if (item.type === 'comment') return ofComment(item, path)
    const own = `${path}.${item.key}`
    if (!known.includes(item.key)) return [{ path: own, ...placeOf(item.value) }]
    if (item.key === 'key_groups') return inList(item.value, { path: own, known: keyTypes })
    const fields = keyFields[item.key as keyof typeof keyFields]
    return fields ? inList(item.value, { path: own, known: Object.keys(fields) }) : []
  })
}

function inList(node: Node, within: Within): Stray[] {
  if (node.type !== 'list') return inMap(node, within)
  return node.items.flatMap((item) =>
    item.type === 'comment' ? ofComment(item, within.path) : inMap(item, within),
  )
}

function ofComment({ text, place }: Comment, path: string): Stray[] {
  return isEncrypted(text) ? [] : [{ path: `a comment in ${path}`, at: place?.start }]
}

function placeOf(node: Node): { at?: number } {
  return node.type === 'leaf' ? { at: node.place?.start } : {}
}
