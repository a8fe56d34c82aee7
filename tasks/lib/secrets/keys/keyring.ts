import { randomBytes } from 'node:crypto'
import { SecretError } from '../errors.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { KeyError, type KeyPlaces, type KeySource } from './key-source.ts'
import { type KeyGroup, keyName, type MasterKey } from './master-key.ts'
import { combineShares, splitSecret } from './shamir.ts'

/** All keys at hand: opens the data key of a file, and wraps it for others. One for each run; it remembers. */
export interface Keyring {
  /** Throws a SecretError that names every recipient with why it did not open. */
  open(metadata: Pick<Metadata, 'groups' | 'threshold'>, options: { file: string }): Promise<OpenedKey>
  /** The groups with the data key wrapped for each key that has no `enc` yet, or for all of them with `anew`. */
  wrap(groups: KeyGroup[], options: WrapOptions): Promise<KeyGroup[]>
}

export interface OpenedKey {
  dataKey: Uint8Array
  /** The keys that opened it: one, or one of each group that was needed. */
  openedBy: MasterKey[]
}

export interface WrapOptions {
  dataKey: Uint8Array
  threshold?: number
  /** Also where there is an `enc`: for a new data key. With several groups it is always so. */
  anew?: boolean
  /** The time for created_at. */
  now: Date
  file: string
}

const dataKeyLength = 32

export function newDataKey(): Uint8Array {
  return randomBytes(dataKeyLength)
}

export function createKeyring(places: KeyPlaces): Keyring {
  const sources = lazySources(places)
  const opened = new Map<string, Promise<Uint8Array>>()
  const unwrap = (key: MasterKey): Promise<Uint8Array> => {
    const id = `${key.type} ${key.enc}`
    const known = opened.get(id)
    if (known) return known
    const opening = sources(key).then((source) => source.unwrap(key))
    opened.set(id, opening)
    return opening
  }
  const order = places.decryptionOrder ?? ['age', 'pgp']
  return {
    open: (metadata, options) => openKey(metadata, { ...options, unwrap, order }),
    wrap: (groups, options) => wrapGroups(groups, { ...options, sources }),
  }
}

type Sources = (key: MasterKey) => Promise<KeySource>

// Age and PGP are loaded when a file needs them: reading their libraries takes longer than reading a file.
function lazySources(places: KeyPlaces): Sources {
  const made = new Map<string, Promise<KeySource>>()
  const once = (name: string, make: () => Promise<KeySource>) => {
    const source = made.get(name) ?? make()
    made.set(name, source)
    return source
  }
  // SOPS_KEYSERVICE names services that may have any key.
  const orNamed = async (own: KeySource) =>
    places.environment.SOPS_KEYSERVICE ? (await import('./service/own-first.ts')).ownFirst(own, places) : own
  return async (key) => {
    if (key.type === 'age') {
      const age = await once('age', async () => (await import('./age/age.ts')).createAgeKeys(places))
      if (age.handles(key)) return orNamed(age)
    }
    if (key.type === 'pgp')
      return orNamed(await once('pgp', async () => (await import('./pgp/pgp.ts')).createPgpKeys(places)))
    return once('service', async () => (await import('./service/service.ts')).createServiceKeys(places))
  }
}

interface Opening {
  file: string
  unwrap(key: MasterKey): Promise<Uint8Array>
  order: string[]
}

async function openKey(
  { groups, threshold }: Pick<Metadata, 'groups' | 'threshold'>,
  opening: Opening,
): Promise<OpenedKey> {
  const needed = groups.length > 1 ? (threshold ?? groups.length) : 1
  const failures: Failure[] = []
  const parts: { share: Uint8Array; key: MasterKey }[] = []
  for (const group of groups) {
    const part = await openGroup(group, { ...opening, failures })
    if (part) parts.push(part)
    if (parts.length === needed) break
  }
  if (parts.length < needed) throw notOpened(failures, { file: opening.file, parts: parts.length, needed })
  const shares = parts.map(({ share }) => share)
  const dataKey = groups.length > 1 ? combineShares(shares) : shares[0]!
  if (dataKey.length !== dataKeyLength) {
    const message = `the data key has ${dataKey.length} bytes, not ${dataKeyLength}: the file is damaged`
    throw new SecretError(message, { code: 'noDataKey', file: opening.file })
  }
  return { dataKey, openedBy: parts.map(({ key }) => key) }
}

interface Failure {
  key: MasterKey
  error: unknown
}

async function openGroup(
  group: KeyGroup,
  { unwrap, order, failures }: Opening & { failures: Failure[] },
): Promise<{ share: Uint8Array; key: MasterKey } | undefined> {
  for (const key of inOrder(group, order)) {
    try {
      return { share: await unwrap(key), key }
    } catch (error) {
      failures.push({ key, error })
    }
  }
  return undefined
}

function inOrder(group: KeyGroup, order: string[]): KeyGroup {
  const rank = ({ type }: MasterKey) => (order.includes(type) ? order.indexOf(type) : order.length)
  return group.toSorted((a, b) => rank(a) - rank(b))
}

function notOpened(
  failures: Failure[],
  { file, parts, needed }: { file: string; parts: number; needed: number },
): SecretError {
  const count = needed > 1 ? `${parts} of ${needed} key groups that are needed` : 'none of its keys'
  const message = `cannot be opened: ${count} ${needed > 1 ? 'are' : 'is'} at hand`
  const hint = failures.map(({ error }) => error instanceof KeyError && error.hint).find(Boolean)
  const reasons = failures.map(({ key, error }) => ({
    severity: 'note' as const,
    message: `${key.type} ${keyName(key)}: ${failureText(error)}`,
  }))
  const first = {
    severity: 'error' as const,
    message,
    file,
    hint: hint || 'tasks secrets:doctor says what is missing',
  }
  return new SecretError(message, { code: 'noDataKey', file, findings: [first, ...reasons] })
}

function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const tried =
    error instanceof KeyError && error.tried.length > 0 ? ` (looked at ${error.tried.join(', ')})` : ''
  return error.message + tried
}

async function wrapGroups(
  groups: KeyGroup[],
  options: WrapOptions & { sources: Sources },
): Promise<KeyGroup[]> {
  const { dataKey, threshold, anew, file } = options
  if (groups.flat().length === 0) {
    const hint = 'name recipients in .sops.yaml, or create a key: tasks secrets:key'
    throw new SecretError('there is no key to encrypt for', { code: 'noEncryptionKey', file, hint })
  }
  const shamir = groups.length > 1
  const shares = shamir
    ? splitSecret(dataKey, { parts: groups.length, threshold: threshold ?? groups.length })
    : [dataKey]
  return Promise.all(
    groups.map((group, index) =>
      Promise.all(
        group.map((key) =>
          key.enc !== undefined && !anew && !shamir
            ? key
            : wrapKey(key, { ...options, share: shares[index]! }),
        ),
      ),
    ),
  )
}

async function wrapKey(
  key: MasterKey,
  { share, sources, now, file }: WrapOptions & { share: Uint8Array; sources: Sources },
): Promise<MasterKey> {
  try {
    const source = await sources(key)
    const enc = await source.wrap(key, share)
    return key.type === 'age' ? { ...key, enc } : { ...key, enc, createdAt: secondsText(now) }
  } catch (error) {
    if (!(error instanceof KeyError)) throw error
    const message = `cannot encrypt for ${key.type} ${keyName(key)}: ${failureText(error)}`
    throw new SecretError(message, { code: 'noEncryptionKey', file, hint: error.hint, cause: error })
  }
}

/** RFC 3339 in whole seconds, UTC, as sops writes times. */
export function secondsText(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z')
}
