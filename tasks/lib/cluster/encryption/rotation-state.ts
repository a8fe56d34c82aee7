import { TaskError } from '../../cli/errors.ts'
import type { EncryptionKey } from '../../kubernetes/api-server/encryption.ts'
import { type ProviderKey, secretboxKey, valuePrefix } from '../../kubernetes/api-server/encryption-file.ts'

/**
 * What a rotation consists of, in its order. After each of them every API server reads every Secret:
 * keep: the new key is in its secret file; read: every server reads with it; write: every server writes with it;
 * rewrite: every Secret is written with it; drop: no server knows another; forget: the secret file does not either.
 */
const rotationPhases = ['keep', 'read', 'write', 'rewrite', 'drop', 'forget'] as const
export type RotationPhase = (typeof rotationPhases)[number]

/** Those that are about the files of API servers. */
export type ServerPhase = Extract<RotationPhase, 'read' | 'write' | 'drop'>

/** What is known of it before it is planned. */
export interface RotationFacts {
  /** The keys of each API server, by the name of its node. */
  servers: { name: string; keys: ProviderKey[] }[]
  /** Of the secret file; its first one is the one that is to write. */
  kept: EncryptionKey[] | undefined
  /** What values of Secrets begin with in etcd, each once; "" for what is in clear. */
  prefixes: readonly string[]
}

/** The key that is to be the only one in the end: one that a rotation was begun with, or a new one of that name. */
export function targetName(
  { servers, kept }: RotationFacts,
  newName: string,
): { name: string; isNew: boolean } {
  const known = kept ?? []
  const present = servers.flatMap(({ keys }) => keys).filter(({ provider }) => provider === 'secretbox')
  const holdsAll = present.every(({ name, secret }) =>
    known.some((key) => key.name === name && key.secret === secret),
  )
  const isDone = known.length === 1 && servers.every(({ keys }) => isOnly(keys, known[0]!.name))
  if (known.length === 0 || !holdsAll || isDone) return { name: newName, isNew: true }
  return { name: known[0]!.name, isNew: false }
}

/** What is left to do for this key to be the only one. Throws a TaskError where a Secret could not be read afterwards. */
export function duePhases(facts: RotationFacts, target: string): RotationPhase[] {
  const { servers, kept = [], prefixes } = facts
  expectReadable(facts)
  const isKept = kept[0]?.name === target
  const isRewritten = prefixes.every((prefix) => prefix === prefixOf(target))
  const isWriting = servers.every(({ keys }) => isFirst(keys, target))
  const isAlone = servers.every(({ keys }) => isOnly(keys, target))
  const due = new Set<RotationPhase>()
  if (!isKept) due.add('keep')
  if (!(isWriting && isRewritten) && !servers.every(({ keys }) => readsAll(keys, { servers, target })))
    due.add('read')
  if (!isWriting) due.add('write')
  if (!isWriting || !isRewritten) due.add('rewrite')
  if (!isAlone) due.add('drop')
  if (!isAlone || kept.length !== 1 || !isKept) due.add('forget')
  return rotationPhases.filter((phase) => due.has(phase))
}

/** The keys of a server once it reads whatever another one may write: what it has, what others have, the new one. */
export function withReaders(own: ProviderKey[], others: readonly ProviderKey[], target: EncryptionKey) {
  const all = [...own]
  for (const key of [...others, secretboxKey(target)]) if (!all.some((one) => isSame(one, key))) all.push(key)
  return all
}

/** The same keys, of which the new one writes. */
export function withWriter(own: ProviderKey[], target: EncryptionKey): ProviderKey[] {
  const key = secretboxKey(target)
  return [key, ...own.filter((one) => !isSame(one, key))]
}

/** Says whether a server reads, writes, or does nothing else, with this key. */
export function hasReached(
  keys: readonly ProviderKey[],
  { phase, target }: { phase: ServerPhase; target: string },
): boolean {
  if (phase === 'drop') return isOnly(keys, target)
  return phase === 'write' ? isFirst(keys, target) : keys.some((key) => isOurs(key, target))
}

/** Whether a server reads with the new key, and with all that any of them has. */
export function readsAll(
  own: readonly ProviderKey[],
  { servers, target }: { servers: readonly { keys: readonly ProviderKey[] }[]; target: string },
): boolean {
  const all = servers.flatMap(({ keys }) => keys)
  return own.some((key) => isOurs(key, target)) && all.every((key) => own.some((one) => isSame(one, key)))
}

/** What a value that was written with a key of ours begins with. */
export function prefixOf(name: string): string {
  return valuePrefix({ provider: 'secretbox', name })!
}

// A Secret whose key no server has cannot be read already: nothing is changed before somebody has looked at it.
function expectReadable({ servers, prefixes }: RotationFacts): void {
  const known = new Set(servers.flatMap(({ keys }) => keys.map((key) => valuePrefix(key) ?? '')))
  const lost = prefixes.filter((prefix) => !known.has(prefix))
  if (lost.length === 0) return
  throw new TaskError(`etcd holds Secrets that no API server can read: ${lost.map(said).join(', ')}`, {
    hint: 'put that key back into the encryption configuration first: a backup has it',
  })
}

function said(prefix: string): string {
  return prefix === '' ? 'some are not encrypted' : `some begin with ${prefix}`
}

function isSame(one: ProviderKey, other: ProviderKey): boolean {
  if (one.provider !== other.provider || one.name !== other.name) return false
  if (one.secret === other.secret) return true
  throw new TaskError(`API servers have different keys with the name ${one.name}`, {
    hint: 'compare /etc/kubernetes/enc/config.yaml of the control planes: they must be the same',
  })
}

function isOurs({ provider, name }: ProviderKey, target: string): boolean {
  return provider === 'secretbox' && name === target
}

function isFirst(keys: readonly ProviderKey[], target: string): boolean {
  return keys[0] !== undefined && isOurs(keys[0], target)
}

function isOnly(keys: readonly ProviderKey[], target: string): boolean {
  return keys.length === 1 && isFirst(keys, target)
}
