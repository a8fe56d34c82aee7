import { armor, Decrypter } from 'age-encryption'
import { expect } from 'vitest'
import { sealBranches } from '../../../tasks/lib/secrets/engine.ts'
import type { AgeKey } from '../../../tasks/lib/secrets/keys/master-key.ts'
import type { Metadata } from '../../../tasks/lib/secrets/metadata/metadata.ts'
import { compileRegex } from '../../../tasks/lib/secrets/rules/regex.ts'
import type { Document, FileType, Store } from '../../../tasks/lib/secrets/stores/store.ts'
import { storeOf } from '../../../tasks/lib/secrets/stores/stores.ts'
import { decryptValue } from '../../../tasks/lib/secrets/tree/cipher.ts'
import { decryptBranches } from '../../../tasks/lib/secrets/tree/crypt.ts'
import { selects } from '../../../tasks/lib/secrets/tree/selector.ts'
import type { MapNode } from '../../../tasks/lib/secrets/tree/tree.ts'
import { mapLeaves } from '../../../tasks/lib/secrets/tree/walk.ts'
import { freshAgeKey, sops312, sops as sops313, sopsOutput } from '../../support/sops.ts'

export { sops312, sops313 }

const key = freshAgeKey()
const now = new Date('2026-01-02T03:04:05Z')

type Text = string | Uint8Array

/** What the real sops makes of a clear text: the bytes of the encrypted file. */
export function sealedBySops(
  text: Text,
  { type, flags = [], program }: { type: FileType; flags?: string[]; program?: string },
): Promise<Buffer> {
  const types = ['--input-type', type, '--output-type', type, '--filename-override', 'file']
  return sopsOutput(['encrypt', '--age', key.recipient, ...flags, ...types], { input: text, program })
}

/** What the real sops decrypts an encrypted file to. */
export function openedBySops(
  sealed: Uint8Array,
  { type, to = type, program }: { type: FileType; to?: FileType; program?: string },
): Promise<Buffer> {
  const args = ['decrypt', '--input-type', type, '--output-type', to, '--filename-override', 'file']
  return sopsOutput(args, { input: sealed, env: { SOPS_AGE_KEY: key.identity }, program })
}

/** An encrypted file, read and decrypted by our own code; its MAC agrees, and each comment opens at its own place. */
export async function openedByUs(sealed: Uint8Array, type: FileType) {
  const store = await storeOf(type)
  const document = store.parse(sealed, { file: 'file', encrypted: true }) as Document & { metadata: Metadata }
  const { metadata } = document
  const dataKey = await dataKeyOf(metadata)
  const { branches, mac } = decryptBranches(document.branches, {
    dataKey,
    selects: selects(metadata.selector, compileRegex),
    macOnlyEncrypted: metadata.macOnlyEncrypted,
    onClearComment: ({ item }) => expect.fail(`a comment does not open: ${JSON.stringify(item)}`),
  })
  expect(decryptValue(metadata.mac, { key: dataKey, authenticated: metadata.lastModified })).toBe(mac)
  return { document, clear: branches, dataKey }
}

/** Clear branches, encrypted by our own code under the data key and metadata of a file that sops encrypted. */
export function sealedByUs(
  clear: MapNode[],
  { metadata, dataKey }: { metadata: Metadata; dataKey: Uint8Array },
): { branches: MapNode[]; metadata: Metadata } {
  return sealBranches(clear, { metadata, dataKey, now, file: 'file' })
}

/**
 * Both engines agree on a clear text: what sops encrypts we decrypt to the same text and write to the same bytes; what
 * we encrypt, in the layout of sops and in that of the text, sops decrypts to the same text.
 */
export async function expectAgreement(text: Text, type: FileType, flags: string[] = []): Promise<void> {
  const store = await storeOf(type)
  const source = store.parse(Buffer.from(text), { file: 'file', encrypted: false })
  const sealed = await sealedBySops(text, { type, flags })
  const clearText = await openedBySops(sealed, { type })
  const { document, clear, dataKey } = await openedByUs(sealed, type)
  expect(withoutPlaces(clear)).toEqual(withoutPlaces(source.branches))
  expect(String(store.emit(document))).toBe(String(sealed))
  expect(bytesText(store.emit({ branches: clear }))).toBe(bytesText(clearText))
  const own = sealedByUs(source.branches, { metadata: document.metadata, dataKey })
  expect(bytesText(await openedBySops(store.emit(own), { type }))).toBe(bytesText(clearText))
  const rewritten = store.rewrite(source, own)
  if (rewritten) expect(bytesText(await openedBySops(rewritten, { type }))).toBe(bytesText(clearText))
  expect(bytesText(await openedBySops(rewritten ?? store.emit(own), { type, program: sops312 }))).toBe(
    bytesText(clearText),
  )
  await expectAgreementWith312(text, { type, flags, store })
}

// It had no whole numbers in JSON, and loses digits of large ones; what it wrote then, we decrypt to the same.
async function expectAgreementWith312(
  text: Text,
  { type, flags, store }: { type: FileType; flags: string[]; store: Store },
): Promise<void> {
  const sealed = await sealedBySops(text, { type, flags, program: sops312 })
  const { clear } = await openedByUs(sealed, type)
  const clearText = await openedBySops(sealed, { type, program: sops312 })
  expect(String(store.emit({ branches: clear }))).toBe(String(clearText))
}

// Compared as text: a megabyte of bytes would be compared one by one.
function bytesText(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

export function withoutPlaces(branches: MapNode[]): unknown {
  return JSON.parse(
    JSON.stringify(branches, (name, value) => {
      if (name === 'place') return undefined
      if (typeof value === 'bigint') return `int ${value}`
      return Object.is(value, -0) ? 'minus zero' : value
    }),
  )
}

/** The data key of a file whose first group has the key of these tests. */
async function dataKeyOf({ groups }: Metadata): Promise<Uint8Array> {
  const { enc } = groups[0]!.find((found): found is AgeKey => found.type === 'age')!
  const decrypter = new Decrypter()
  decrypter.addIdentity(key.identity)
  return decrypter.decrypt(armor.decode(enc!))
}

/** Metadata for tests that write texts without the real sops. */
export const metadata: Metadata = {
  groups: [[{ type: 'age', recipient: 'age1x', enc: 'wrapped\n' }]],
  lastModified: '2024-01-02T03:04:05Z',
  mac: 'ENC[mac]',
  selector: { kind: 'unencrypted_suffix', value: '_unencrypted' },
  selectorWritten: true,
  macOnlyEncrypted: false,
  version: '3.13.3',
}

/** The branches with each text in upper case and between < and >: stands for encryption where its text is compared. */
export function marked(branches: MapNode[]): MapNode[] {
  return mapLeaves(
    branches,
    () => true,
    ({ item }) =>
      item.type === 'comment'
        ? { ...item, text: `<${item.text.toUpperCase()}>` }
        : { ...item, value: `<${String(item.value).toUpperCase()}>` },
  )
}

/** A clear text rewritten with marks and metadata, or without them what was marked; undefined where it cannot be. */
export async function rewritten(text: string, type: FileType): Promise<string | undefined> {
  const store = await storeOf(type)
  const source = store.parse(Buffer.from(text), { file: 'file', encrypted: false })
  const bytes = store.rewrite(source, { branches: marked(source.branches), metadata })
  return bytes && Buffer.from(bytes).toString()
}

/** What becomes of a text that was rewritten as an encrypted one, and back. */
export async function thereAndBack(text: string, type: FileType): Promise<string | undefined> {
  const store = await storeOf(type)
  const source = store.parse(Buffer.from(text), { file: 'file', encrypted: false })
  const there = store.rewrite(source, { branches: marked(source.branches), metadata })
  if (!there) return undefined
  const sealed = store.parse(there, { file: 'file', encrypted: true })
  const back = store.rewrite(sealed, { branches: source.branches })
  return back && Buffer.from(back).toString()
}
