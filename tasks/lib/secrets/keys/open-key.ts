import { isInterruption } from '../../cli/commands/signals.ts'
import { SecretError } from '../errors.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { KeyError } from './key-source.ts'
import { type KeyGroup, keyName, type MasterKey } from './master-key.ts'
import { combineShares } from './shamir.ts'

/** In bytes. */
export const dataKeyLength = 32

export interface OpenedKey {
  dataKey: Uint8Array
  /** The keys that opened it: one, or one of each group that was needed. */
  openedBy: MasterKey[]
}

interface Opening {
  file: string
  unwrap(key: MasterKey): Promise<Uint8Array>
  order: string[]
}

/** The data key of a file, out of one group or of as many as are needed. Throws a SecretError. */
export async function openKey(
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
  return { dataKey: dataKeyOf(shares, { ...opening, groups }), openedBy: parts.map(({ key }) => key) }
}

function dataKeyOf(shares: Uint8Array[], { groups, file }: { groups: KeyGroup[]; file: string }): Uint8Array {
  const damaged = (what: string, cause?: unknown) =>
    new SecretError(`${what}: the file is damaged`, { code: 'noDataKey', file, cause })
  const dataKey = groups.length > 1 ? combined(shares, damaged) : shares[0]!
  if (dataKey.length === dataKeyLength) return dataKey
  throw damaged(`the data key has ${dataKey.length} bytes, not ${dataKeyLength}`)
}

function combined(shares: Uint8Array[], damaged: (what: string, cause: unknown) => SecretError): Uint8Array {
  try {
    return combineShares(shares)
  } catch (error) {
    throw damaged((error as Error).message, error)
  }
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
      if (isInterruption(error)) throw error
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

/** Why a key failed, with every place that was looked at. */
export function failureText(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const tried =
    error instanceof KeyError && error.tried.length > 0 ? ` (looked at ${error.tried.join(', ')})` : ''
  return error.message + tried
}
