import { armor, Decrypter } from 'age-encryption'
import { parseYaml } from '../../../tasks/lib/secrets/stores/yaml/read.ts'
import { decryptValue } from '../../../tasks/lib/secrets/tree/cipher.ts'
import { authenticatedData } from '../../../tasks/lib/secrets/tree/crypt.ts'
import type { Comment, MapNode, Node, Scalar } from '../../../tasks/lib/secrets/tree/tree.ts'
import { freshAgeKey, runSops } from '../../support/sops.ts'

const { recipient, identity } = freshAgeKey()

/** Values and comments of a tree, each with the path that authenticates it: where sops reads another tree, so it shows. */
export interface Flat {
  values: { path: string; value: Scalar }[]
  comments: { path: string; text: string }[]
}

/** What this project reads in a clear text. */
export function readClear(text: string): Flat {
  return flat(parseYaml(Buffer.from(text), { file: 'a.yaml', encrypted: false }).branches)
}

export function flat(branches: MapNode[]): Flat {
  const found: Flat = { values: [], comments: [] }
  for (const branch of branches) gather(branch, [], found)
  return found
}

function gather(node: Node, path: string[], found: Flat): void {
  if (node.type === 'leaf')
    return void found.values.push({ path: authenticatedData(path), value: node.value })
  for (const item of node.items) {
    if (item.type === 'comment') found.comments.push({ path: authenticatedData(path), text: item.text })
    else if (item.type === 'entry') gather(item.value, [...path, item.key], found)
    else gather(item, path, found)
  }
}

/** Encrypts a clear text with the real sops, on stdin. */
export function encryptBySops(text: string | Uint8Array) {
  return runSops(['encrypt', '--age', recipient, '--filename-override', 'a.yaml'], { input: text })
}

/** What the real sops read in a clear text, as it says by what it encrypted under which path; undefined: it refused. */
export async function readBySops(text: string, clear: Flat): Promise<Flat | undefined> {
  const { exitCode, bytes } = await encryptBySops(text)
  if (exitCode !== 0) return undefined
  const document = parseYaml(bytes, { file: 'a.yaml', encrypted: true })
  const { enc } = document.metadata!.groups[0]![0]!
  const key = await dataKey(enc!)
  const sealed = flat(document.branches)
  const values: Flat['values'] = []
  const sealedComments = sealed.comments.map(({ text: sealedText }) => sealedText)
  for (const { path, value } of sealed.values) {
    const opened = value === null ? null : decryptValue(value as string, { key, authenticated: path })
    if (isComment(opened)) sealedComments.push(value as string)
    else values.push({ path, value: opened })
  }
  return { values, comments: clear.comments.filter((comment) => take(sealedComments, { ...comment, key })) }
}

// Each comment of ours must open one of theirs, with its own path and no other.
function take(
  sealed: string[],
  { path, text, key }: { path: string; text: string; key: Uint8Array },
): boolean {
  const at = sealed.findIndex((candidate) => {
    if (candidate === '' || text === '') return candidate === text
    try {
      const opened = decryptValue(candidate, { key, authenticated: path })
      return isComment(opened) && opened.text === text
    } catch {
      return false
    }
  })
  if (at >= 0) sealed.splice(at, 1)
  return at >= 0
}

async function dataKey(enc: string): Promise<Uint8Array> {
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return decrypter.decrypt(armor.decode(enc))
}

function isComment(value: unknown): value is Comment {
  return typeof value === 'object' && value !== null && 'type' in value
}
