import { type Opened, sealBranches } from '../engine.ts'
import { type Keyring, newDataKey } from '../keys/keyring.ts'
import { keyIdentity, type MasterKey } from '../keys/master-key.ts'
import type { Metadata } from '../metadata/metadata.ts'
import type { EmitOptions } from '../stores/store.ts'
import { storeOf } from '../stores/stores.ts'
import type { Access } from '../survey/drift.ts'

/** Who can open a file, and what of it is encrypted. */
export type Sealing = Access & Pick<Metadata, 'selector' | 'macOnlyEncrypted'>

export interface Rekeyed {
  bytes: Uint8Array
  dataKey: Uint8Array
}

export interface RekeyOptions extends EmitOptions {
  sealing: Sealing
  /** A new data key, and every value encrypted anew. Else only the data key is wrapped for other recipients. */
  renew: boolean
  keyring: Keyring
  now: Date
}

/** A file that was opened, for other recipients or with a new data key. Its layout stays. */
export async function rekey(opened: Opened, options: RekeyOptions): Promise<Rekeyed> {
  const { file, document } = opened
  const dataKey = options.renew ? newDataKey() : opened.dataKey
  const metadata = { ...document.metadata, ...(await sealingFor(opened, { ...options, dataKey })) }
  // Neither MAC nor time change with the recipients: they are about the values.
  const state = options.renew
    ? sealBranches(opened.clear, { metadata, dataKey, now: options.now, file })
    : { branches: document.branches, metadata }
  const store = await storeOf(document.type)
  return { bytes: store.rewrite(document, state) ?? store.emit(state, options), dataKey }
}

async function sealingFor(
  { file, document }: Opened,
  { sealing, renew, keyring, now, dataKey }: RekeyOptions & { dataKey: Uint8Array },
): Promise<Partial<Metadata>> {
  const { metadata, type } = document
  const isAlone = metadata.groups.length === 1 && sealing.groups.length === 1
  // What was wrapped already stays as it is; shares of several groups belong together.
  const wrapped = new Map(!renew && isAlone ? metadata.groups[0]!.map((key) => [keyIdentity(key), key]) : [])
  const groups = sealing.groups.map((group) =>
    group.map((key) => wrapped.get(keyIdentity(key)) ?? unwrapped(key)),
  )
  const { threshold } = sealing
  const access = { groups: await keyring.wrap(groups, { dataKey, threshold, now, file }), threshold }
  if (!renew || type === 'binary') return access
  const { selector, macOnlyEncrypted } = sealing
  const selectorWritten = metadata.selectorWritten || selector.value !== metadata.selector.value
  return { ...access, selector, macOnlyEncrypted, selectorWritten }
}

function unwrapped({ enc: _, ...key }: MasterKey): MasterKey {
  return key
}
