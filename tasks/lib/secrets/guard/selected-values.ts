import { TaskError } from '../../cli/errors.ts'
import { compileRegex } from '../rules/regex.ts'
import type { Document, FileType } from '../stores/store.ts'
import { storeOf } from '../stores/stores.ts'
import { isEncrypted } from '../tree/cipher.ts'
import { type Selector, selects } from '../tree/selector.ts'
import { child, type MapNode } from '../tree/tree.ts'
import { mapLeaves } from '../tree/walk.ts'
import { strays } from './strays.ts'

/** A value that should be encrypted and is not. */
export interface Intruder {
  path: string
  line?: number
}

/** What is wrong with a file that carries sops metadata: values that are clear, or why it cannot be read. */
export async function intrudersOfSealed(
  bytes: Uint8Array,
  { file, type }: { file: string; type: FileType },
): Promise<Intruder[] | TaskError> {
  try {
    const document = (await storeOf(type)).parse(bytes, { file, encrypted: true })
    const { metadata } = document
    if (!metadata) return new TaskError('its sops metadata is missing', { file })
    if (!isEncrypted(metadata.mac)) return new TaskError('its sops metadata has no MAC', { file })
    if (!metadata.groups.flat().some(({ enc }) => enc)) {
      return new TaskError('its sops metadata names no key that opens it', { file })
    }
    const found = (await strays(document)).map(({ path, at }) => ({ path, line: lineOf(document.text, at) }))
    return [...clearLeaves(document.branches, { document, selector: metadata.selector }), ...found]
  } catch (error) {
    if (error instanceof TaskError) return error
    throw error
  }
}

/** What a creation rule wants encrypted in a clear file. A file that cannot be read is one intruder as a whole. */
export async function intrudersOfClear(
  bytes: Uint8Array,
  { file, type, selector }: { file: string; type: FileType; selector: Selector },
): Promise<Intruder[]> {
  if (bytes.every((byte) => byte <= 32)) return []
  if (type === 'binary') return [{ path: '' }]
  try {
    const document = (await storeOf(type)).parse(bytes, { file, encrypted: false })
    const branches = document.branches.filter((branch) => mustBeSealed(branch, selector))
    return clearLeaves(branches, { document, selector })
  } catch (error) {
    if (error instanceof TaskError) return [{ path: '', line: error.findings[0]?.line }]
    throw error
  }
}

// A rule for Secrets (encrypted_regex: ^(data|stringData)$) often covers all manifests. Other kinds have a field of
// that name too: what stands in a ConfigMap is meant to be read.
function mustBeSealed(branch: MapNode, selector: Selector): boolean {
  const kind = child(branch, 'kind')
  if (selector.kind !== 'encrypted_regex' || kind?.type !== 'leaf' || !child(branch, 'apiVersion'))
    return true
  return !compileRegex(selector.value)('stringData') || ['Secret', 'SopsSecret'].includes(String(kind.value))
}

function clearLeaves(
  branches: MapNode[],
  { document, selector }: { document: Document; selector: Selector },
): Intruder[] {
  const found: Intruder[] = []
  mapLeaves(branches, selects(selector, compileRegex), ({ item, path, encrypted }) => {
    const isClear = item.type === 'leaf' && item.value !== '' && !isEncrypted(String(item.value))
    if (encrypted && isClear)
      found.push({ path: path.join('.'), line: lineOf(document.text, item.place?.start) })
    return item
  })
  return found
}

/** The 1-based line of an offset. */
export function lineOf(text: string, offset: number | undefined): number | undefined {
  return offset === undefined ? undefined : text.slice(0, offset).split('\n').length
}
