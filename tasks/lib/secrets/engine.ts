import type { Finding } from '../cli/errors.ts'
import { decryptTree, encryptTree } from './crypt-tree.ts'
import { SecretError } from './errors.ts'
import { type Keyring, newDataKey } from './keys/keyring.ts'
import type { MasterKey } from './keys/master-key.ts'
import { expectMac } from './metadata/mac.ts'
import { type Metadata, writtenVersion } from './metadata/metadata.ts'
import { secondsText } from './metadata/time.ts'
import type { Policy } from './rules/policy.ts'
import { sealInLayout } from './stores/keep-layout.ts'
import type { Document, EmitOptions, FileType } from './stores/store.ts'
import { storeOf } from './stores/stores.ts'
import { encryptValue } from './tree/cipher.ts'
import { createReuse, type Reuse } from './tree/crypt.ts'
import { defaultSelector } from './tree/selector.ts'
import type { MapNode } from './tree/tree.ts'

/** A secret file that was opened: its clear branches are in memory only. */
export interface Opened {
  file: string
  document: Document & { metadata: Metadata }
  clear: MapNode[]
  dataKey: Uint8Array
  openedBy: MasterKey[]
  /** What was odd and harmless, such as a comment that is not encrypted. */
  findings: Finding[]
}

/** Reads an encrypted file, without opening it. Throws a SecretError where it is not one. */
export async function parseSealed(
  bytes: Uint8Array,
  { file, type }: { file: string; type: FileType },
): Promise<Opened['document']> {
  const document = await (await storeOf(type)).parse(bytes, { file, encrypted: true })
  if (document.metadata) return document as Opened['document']
  const hint = `it is clear text: tasks secrets:encrypt --in-place ${file}`
  throw new SecretError('is not encrypted: sops metadata not found', { code: 'generic', file, hint })
}

/** Opens a file that was read. Throws a SecretError: no key, a value that was changed, a MAC that does not agree. */
export async function openDocument(
  document: Opened['document'],
  { file, keyring, ignoreMac }: { file: string; keyring: Keyring; ignoreMac?: boolean },
): Promise<Opened> {
  const { metadata, branches } = document
  const { dataKey, openedBy } = await keyring.open(metadata, { file })
  const findings: Finding[] = []
  const onClearComment = () => {
    findings.push({ severity: 'warning', message: 'a comment is not encrypted, or belongs elsewhere', file })
  }
  const { branches: clear, mac } = decryptTree(branches, { metadata, dataKey, file, onClearComment })
  if (!ignoreMac) expectMac(mac, { metadata, dataKey, file })
  return { file, document, clear, dataKey, openedBy, findings }
}

/** The clear text: as sops prints it, or with `keepFormat` as the encrypted file is laid out. */
export async function clearText(
  opened: Opened,
  {
    type = opened.document.type,
    keepFormat,
    ...emit
  }: { type?: FileType; keepFormat?: boolean } & EmitOptions = {},
): Promise<Uint8Array> {
  const store = await storeOf(type)
  const kept = keepFormat && store.rewrite(opened.document, { branches: opened.clear, metadata: undefined })
  return kept || store.emit({ branches: opened.clear }, emit)
}

/** Encrypts clear text under a policy, with a new data key. The layout is kept; with `canonical` it is that of sops. */
export async function sealText(
  bytes: Uint8Array,
  options: {
    file: string
    type: FileType
    policy: Policy
    keyring: Keyring
    now: Date
    canonical?: boolean
    /** Another kind of file than the clear one is. */
    outputType?: FileType
  } & EmitOptions,
): Promise<Uint8Array> {
  const { file, type, outputType = type, keyring, now, canonical } = options
  const policy = type === 'binary' ? asAWhole(options.policy) : options.policy
  const document = await (await storeOf(type)).parse(bytes, { file, encrypted: false })
  const dataKey = newDataKey()
  const { threshold } = policy
  const groups = await keyring.wrap(policy.groups, { dataKey, threshold, anew: true, now, file })
  const metadata = { ...policy, groups, selectorWritten: type !== 'binary', version: writtenVersion }
  const seal = (clear: MapNode[]) => sealBranches(clear, { metadata, dataKey, now, file })
  const store = await storeOf(outputType)
  const kept = !canonical && outputType === type && sealInLayout(document, seal, { store })
  return kept || store.emit(seal(document.branches), options)
}

// A file of any bytes has no keys that a selector could tell apart: nothing of it is left in clear.
function asAWhole(policy: Policy): Policy {
  return { ...policy, selector: defaultSelector, macOnlyEncrypted: false }
}

/**
 * Encrypts an edited clear text of a file that was opened, under its own data key: ciphertexts of what has not changed,
 * and its layout, stay.
 */
export async function resealText(
  bytes: Uint8Array,
  opened: Opened,
  { now }: { now: Date },
): Promise<Uint8Array> {
  const { file, document, dataKey } = opened
  const store = await storeOf(document.type)
  const edited = store.parse(bytes, { file, encrypted: false })
  const { metadata } = document
  const seal = (clear: MapNode[]) =>
    sealBranches(clear, { metadata, dataKey, now, file, reuse: reuseOf(opened) })
  return sealInLayout(edited, seal, { store, like: document }) ?? store.emit(seal(edited.branches))
}

/** The encrypted state of clear branches, with MAC and time. Throws a SecretError. */
export function sealBranches(
  clear: MapNode[],
  {
    metadata,
    dataKey,
    now,
    file,
    reuse,
  }: {
    metadata: Omit<Metadata, 'mac' | 'lastModified'>
    dataKey: Uint8Array
    now: Date
    file: string
    reuse?: Reuse
  },
): { branches: MapNode[]; metadata: Metadata } {
  const { branches, mac } = encryptTree(clear, { metadata, dataKey, file, reuse })
  const lastModified = secondsText(now)
  const sealedMac = encryptValue(mac, { key: dataKey, authenticated: lastModified })
  return { branches, metadata: { ...metadata, lastModified, mac: sealedMac } }
}

/** The ciphertexts of a file that was opened, for what stays the same in it. */
export function reuseOf({ file, document, dataKey }: Opened): Reuse {
  const reuse = createReuse()
  decryptTree(document.branches, { metadata: document.metadata, dataKey, file, reuse })
  return reuse
}
