import { armor, Decrypter } from 'age-encryption'
import { parseYaml } from '../../../tasks/lib/secrets/stores/yaml/read.ts'
import { decryptValue } from '../../../tasks/lib/secrets/tree/cipher.ts'
import { authenticatedData } from '../../../tasks/lib/secrets/tree/crypt.ts'
import type { Comment, Node, Scalar } from '../../../tasks/lib/secrets/tree/tree.ts'
import { freshAgeKey, runSops } from '../../support/sops.ts'

const { recipient, identity } = freshAgeKey()

/** A value or a comment, with the path that authenticates it. */
export interface Item {
  path: string
  value: Scalar | { comment: string }
}

/** What this project reads in a clear text and sops encrypts, in the order in which sops writes it. */
export function readClear(text: string): Item[] {
  const items: Item[] = []
  for (const branch of parseYaml(Buffer.from(text), { file: 'a.yaml', encrypted: false }).branches) {
    gather(branch, { path: [], items })
  }
  return items.filter(({ value }) => value !== null && value !== '')
}

function gather(node: Node, { path, items }: { path: string[]; items: Item[] }): void {
  const authenticated = authenticatedData(path)
  if (node.type === 'leaf') return void items.push({ path: authenticated, value: node.value })
  const behind: Item[] = []
  for (const item of node.items) {
    if (item.type === 'comment') {
      if (item.text === '') continue
      const found = { path: authenticated, value: { comment: item.text } }
      // In a map it is written behind its value, in a list as an element before it.
      if (item.inline && node.type === 'map') behind.push(found)
      else items.push(found)
      continue
    }
    const value = item.type === 'entry' ? item.value : item
    gather(value, { path: item.type === 'entry' ? [...path, item.key] : path, items })
    items.push(...behind.splice(0))
  }
}

/** Encrypts a clear text with the real sops, on stdin. */
export function encryptBySops(text: string | Uint8Array) {
  return runSops(['encrypt', '--age', recipient, '--filename-override', 'a.yaml'], { input: text })
}

/**
 * What the real sops encrypted, in its order, each opened with the path expected there and no other: "something else"
 * where that does not open it. undefined: sops refused the text. Nothing here relies on how YAML is read.
 */
export async function readBySops(text: string, expected: Item[]): Promise<(Item | string)[] | undefined> {
  const { exitCode, bytes } = await encryptBySops(text)
  if (exitCode !== 0) return undefined
  const key = await dataKey(bytes.toString())
  const lines = bytes.toString().split('\n')
  const sealed = lines.filter((line) => !line.startsWith('    mac: ENC[')).join('\n')
  const found = sealed.match(/ENC\[AES256_GCM,[^\]]*\]/g) ?? []
  return found.map((enc, at) => opened(enc, { path: expected[at]?.path ?? '', key }))
}

function opened(enc: string, { path, key }: { path: string; key: Uint8Array }): Item | string {
  try {
    const value = decryptValue(enc, { key, authenticated: path })
    return { path, value: isComment(value) ? { comment: value.text } : value }
  } catch {
    return 'something else'
  }
}

async function dataKey(sealed: string): Promise<Uint8Array> {
  const block = /-----BEGIN AGE ENCRYPTED FILE-----[^-]+-----END AGE ENCRYPTED FILE-----/.exec(sealed)![0]
  const decrypter = new Decrypter()
  decrypter.addIdentity(identity)
  return decrypter.decrypt(armor.decode(block.replaceAll(/^ +/gm, '')))
}

function isComment(value: unknown): value is Comment {
  return typeof value === 'object' && value !== null && 'type' in value
}
