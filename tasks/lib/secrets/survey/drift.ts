import { type KeyGroup, keyIdentity, type MasterKey } from '../keys/master-key.ts'
import type { Metadata } from '../metadata/metadata.ts'
import type { Policy } from '../rules/policy.ts'
import type { Document } from '../stores/store.ts'

/** Who can open a file: any key of the one group, or one key of each of `threshold` groups. */
export type Access = Pick<Metadata, 'groups' | 'threshold'>

/** How the recipients of a file differ from those that are wanted. */
export interface RecipientDrift {
  /** Wanted, and cannot open it yet. */
  missing: MasterKey[]
  /** Can open it, and should not. */
  extra: MasterKey[]
  /** The same keys in other groups, or another threshold. */
  regrouped: boolean
}

/** How recipients differ; undefined where they are the same, in whatever order. */
export function recipientDrift(now: Access, wanted: Access): RecipientDrift | undefined {
  const missing = keysBeyond(wanted.groups, now.groups)
  const extra = keysBeyond(now.groups, wanted.groups)
  const regrouped = missing.length + extra.length === 0 && signature(now) !== signature(wanted)
  return missing.length + extra.length > 0 || regrouped ? { missing, extra, regrouped } : undefined
}

/**
 * Whether somebody loses access: whoever has seen the data key could read on. Only where each group stays and gets
 * further keys, nobody does.
 */
export function isReduced(now: Access, wanted: Access): boolean {
  const sameGroups = now.groups.length === wanted.groups.length && threshold(now) === threshold(wanted)
  return (
    !sameGroups || now.groups.some((group, index) => keysBeyond([group], [wanted.groups[index]!]).length > 0)
  )
}

/** Whether the rules would have other values encrypted. Binary files are encrypted as a whole. */
export function selectorDiffers({ type, metadata }: Document, policy: Policy): boolean {
  if (type === 'binary' || !metadata) return false
  const { selector, macOnlyEncrypted } = metadata
  return (
    selector.kind !== policy.selector.kind ||
    selector.value !== policy.selector.value ||
    macOnlyEncrypted !== policy.macOnlyEncrypted
  )
}

function keysBeyond(groups: KeyGroup[], others: KeyGroup[]): MasterKey[] {
  const known = new Set(others.flat().map(keyIdentity))
  return groups.flat().filter((key) => !known.has(keyIdentity(key)))
}

function signature(access: Access): string {
  const groups = access.groups.map((group) => [...new Set(group.map(keyIdentity))].sort().join('\n'))
  return JSON.stringify([threshold(access), groups.sort()])
}

function threshold({ groups, threshold }: Access): number {
  return groups.length > 1 ? (threshold ?? groups.length) : 1
}
