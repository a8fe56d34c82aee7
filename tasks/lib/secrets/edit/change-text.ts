import { TaskError } from '../../cli/errors.ts'
import { differences } from '../stores/differences.ts'
import { splice } from '../stores/splice.ts'
import type { Document, Store } from '../stores/store.ts'
import { storeOf } from '../stores/stores.ts'
import { type MapNode, map, type Node } from '../tree/tree.ts'
import { type Change, changedBranches, deepest } from './change-tree.ts'
import type { TextEdits } from './text-edits.ts'

/**
 * A clear text with one change. Only the lines of that value change; where that cannot be done, the text is written
 * anew as sops lays it out, and `isAnew` says so.
 */
export async function changeText(
  document: Document,
  change: Change,
): Promise<{ bytes: Uint8Array; isAnew: boolean }> {
  const store = await storeOf(document.type)
  const branches = changedBranches(document.branches, change)
  const wanted = { branches, metadata: undefined }
  const kept = (isReplaced(document, change) && store.rewrite(document, wanted)) || undefined
  const bytes = kept ?? (await editedText(document, change, { store, branches }))
  return { bytes: bytes ?? store.emit(wanted), isAnew: bytes === undefined && document.type !== 'binary' }
}

function isReplaced({ branches }: Document, { path, node }: Change): boolean {
  const { node: old, depth } = deepest(branches[path.branch]!, path.steps)
  return depth === path.steps.length && old.type === 'leaf' && node?.type === 'leaf'
}

async function editedText(
  document: Document,
  change: Change,
  { store, branches }: { store: Store; branches: MapNode[] },
): Promise<Uint8Array | undefined> {
  const edits = (await editorOf(document.type))?.(document, change)
  if (!edits) return undefined
  const bytes = Buffer.from(splice(document.text, edits))
  return says(bytes, { store, branches }) ? bytes : undefined
}

async function editorOf(type: Document['type']): Promise<TextEdits | undefined> {
  if (type === 'yaml') return (await import('./text-yaml.ts')).yamlEdits
  if (type === 'json') return (await import('./text-json.ts')).jsonEdits
  if (type === 'dotenv') return (await import('./text-lines.ts')).dotenvEdits
  return type === 'ini' ? (await import('./text-lines.ts')).iniEdits : undefined
}

// What was written is read again. A comment may belong to another map than before, but none may be lost.
function says(bytes: Uint8Array, { store, branches }: { store: Store; branches: MapNode[] }): boolean {
  try {
    const read = store.parse(bytes, { file: '', encrypted: false }).branches
    const isSame = differences(read.map(withoutComments), branches.map(withoutComments))?.length === 0
    return isSame && commentsOf(read).join('\n') === commentsOf(branches).join('\n')
  } catch (error) {
    if (error instanceof TaskError) return false
    throw error
  }
}

function withoutComments(branch: MapNode): MapNode {
  return stripped(branch) as MapNode
}

function stripped(node: Node): Node {
  if (node.type === 'leaf') return node
  if (node.type === 'map')
    return map(
      node.items.flatMap((item) => (item.type === 'entry' ? { ...item, value: stripped(item.value) } : [])),
    )
  return { ...node, items: node.items.flatMap((item) => (item.type === 'comment' ? [] : stripped(item))) }
}

function commentsOf(branches: MapNode[]): string[] {
  const found: string[] = []
  const visit = (node: Node) => {
    if (node.type === 'leaf') return
    for (const item of node.items) {
      if (item.type === 'comment') found.push(item.text)
      else visit(item.type === 'entry' ? item.value : item)
    }
  }
  branches.forEach(visit)
  return found.sort()
}
