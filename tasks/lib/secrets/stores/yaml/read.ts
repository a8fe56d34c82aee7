import { SecretError } from '../../errors.ts'
import { decodeMetadata } from '../../metadata/decode.ts'
import type { Metadata } from '../../metadata/metadata.ts'
import type { MapNode, Node } from '../../tree/tree.ts'
import type { Document, ParseOptions } from '../store.ts'
import { checkKeys } from './read-keys.ts'
import { readText } from './read-text.ts'
import { readTree, TreeError } from './read-tree.ts'
import { YamlError } from './syntax/cursor.ts'
import { parseDocuments } from './syntax/documents.ts'
import type { YamlNode } from './syntax/node.ts'

const reserved = 'sops'

/** Reads a YAML file. Throws a SecretError with file and line. */
export function parseYaml(bytes: Uint8Array, { file, encrypted }: ParseOptions): Document {
  const { text, documents, trees } = withPlace({ file, encrypted }, () => readTrees(bytes))
  const branches = trees.map(withoutReserved)
  if (!encrypted) {
    checkClear(bytes, { file, trees, roots: documents.map(({ root }) => root) })
    return { type: 'yaml', branches, text }
  }
  const metadata = readMetadata(trees[0], { file, line: lineOfReserved(documents[0]?.root) })
  return { type: 'yaml', branches, ...(metadata && { metadata }), text }
}

function readTrees(bytes: Uint8Array) {
  const text = readText(bytes)
  const documents = parseDocuments(text)
  if (documents[0]) checkKeys(documents[0].root)
  return { text, documents, trees: documents.map(readTree) }
}

// A key or a number that sops cannot walk over has exit code 23 when encrypting, 25 when decrypting.
function withPlace<T>({ file, encrypted }: ParseOptions, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof YamlError || error instanceof TreeError)) throw error
    const code = error instanceof YamlError ? 'readInput' : error.code
    const { message, line } = error
    throw new SecretError(message, {
      code: code === 'encryptTree' && encrypted ? 'decryptTree' : code,
      file,
      line,
    })
  }
}

function checkClear(
  bytes: Uint8Array,
  { file, trees, roots }: { file: string; trees: MapNode[]; roots: YamlNode[] },
): void {
  if (trees.length === 0) {
    const code = bytes.length === 0 ? 'emptyDocument' : 'readInput'
    throw new SecretError('is empty: it must hold at least one document', { code, file })
  }
  const at = trees.findIndex((tree) =>
    tree.items.some((item) => item.type === 'entry' && item.key === reserved),
  )
  if (at < 0) return
  const message = 'is encrypted already: it has the key sops, which is reserved'
  const hint = `if it is clear text, rename the key; else: tasks secrets:decrypt ${file}`
  throw new SecretError(message, { code: 'alreadyEncrypted', file, line: lineOfReserved(roots[at]), hint })
}

function withoutReserved(tree: MapNode): MapNode {
  return { ...tree, items: tree.items.filter((item) => item.type !== 'entry' || item.key !== reserved) }
}

function lineOfReserved(root: YamlNode | undefined): number | undefined {
  return root?.content.find(({ value }, at) => at % 2 === 0 && value === reserved)?.line
}

/** Every document carries the same block; that of the first one counts. */
function readMetadata(
  tree: MapNode | undefined,
  { file, line }: { file: string; line: number | undefined },
): Metadata | undefined {
  const found = tree?.items.find((item) => item.type === 'entry' && item.key === reserved)
  if (found?.type !== 'entry') return undefined
  if (found.value.type === 'map') return decodeMetadata(plain(found.value), { file, line })
  throw new SecretError('has a key sops that is no map', { code: 'readInput', file, line })
}

function plain(node: Node): unknown {
  if (node.type === 'leaf') return typeof node.value === 'bigint' ? Number(node.value) : node.value
  if (node.type === 'list')
    return node.items.flatMap((item) => (item.type === 'comment' ? [] : [plain(item)]))
  return Object.fromEntries(
    node.items.flatMap((item) => (item.type === 'entry' ? [[item.key, plain(item.value)]] : [])),
  )
}
