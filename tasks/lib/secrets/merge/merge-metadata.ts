import { type KeyGroup, keyIdentity, type MasterKey } from '../keys/master-key.ts'
import type { Metadata } from '../metadata/metadata.ts'
import { changedSide, type Deciding, decide, type Side, type ThreeWays } from './three-ways.ts'

type Sealing = Omit<Metadata, 'mac' | 'lastModified'>

/**
 * Merges who may open a file and what is encrypted in it. Recipients that either side added are in, those that either
 * side removed are out. `keep` is the side whose data key stays: keys of the other one have to be wrapped anew.
 */
export function mergeMetadata(
  all: ThreeWays<Metadata | undefined> & Record<Side, Metadata>,
  { keep, sameDataKey, ...deciding }: Deciding & { keep: Side; sameDataKey: boolean },
): Sealing {
  const { base, ours, theirs } = all
  const pick = <T>(of: (metadata: Metadata) => T, name: string): T => {
    const values = { base: base && of(base), ours: of(ours), theirs: of(theirs) } as ThreeWays<T>
    const side = changedSide(values, (a, b) => JSON.stringify(a) === JSON.stringify(b))
    return values[side === 'both' ? decide(`sops.${name}`, deciding) : side]
  }
  const { selector, selectorWritten } = pick(selectorOf, 'selector')
  return {
    ...ours,
    groups: mergeGroups(all, { keep, sameDataKey, ...deciding }),
    threshold: pick(({ threshold }) => threshold, 'shamir_threshold'),
    selector,
    selectorWritten,
    macOnlyEncrypted: pick(({ macOnlyEncrypted }) => macOnlyEncrypted, 'mac_only_encrypted'),
    version: newer(ours.version, theirs.version),
  }
}

function selectorOf({ selector, selectorWritten }: Metadata): Pick<Metadata, 'selector' | 'selectorWritten'> {
  return { selector: { kind: selector.kind, value: selector.value }, selectorWritten }
}

function mergeGroups(
  { base, ours, theirs }: ThreeWays<Metadata | undefined> & Record<Side, Metadata>,
  { keep, sameDataKey, ...deciding }: Deciding & { keep: Side; sameDataKey: boolean },
): KeyGroup[] {
  const counts = { base: base?.groups.length, ours: ours.groups.length, theirs: theirs.groups.length }
  if (counts.ours !== counts.theirs || (base && counts.base !== counts.ours)) {
    const names = (metadata?: Metadata) =>
      JSON.stringify(metadata?.groups.map((group) => group.map(keyIdentity)))
    const side = changedSide({ base, ours, theirs }, (a, b) => names(a) === names(b))
    const chosen = side === 'both' ? decide('sops.key_groups', deciding) : side
    const { groups } = { ours, theirs }[chosen]
    return chosen === keep || sameDataKey ? groups : groups.map((group) => group.map(unwrapped))
  }
  return ours.groups.map((_, index) => {
    const group = (metadata?: Metadata) => metadata?.groups[index] ?? []
    // Shares of several groups belong together: one from another splitting would open nothing.
    const mayKeep = sameDataKey && ours.groups.length === 1
    return mergeGroup({ base: group(base), ours: group(ours), theirs: group(theirs) }, { keep, mayKeep })
  })
}

function mergeGroup(
  groups: ThreeWays<KeyGroup>,
  { keep, mayKeep }: { keep: Side; mayKeep: boolean },
): KeyGroup {
  const other = groups[keep === 'ours' ? 'theirs' : 'ours']
  const has = (group: KeyGroup, key: MasterKey) => group.some((one) => keyIdentity(one) === keyIdentity(key))
  const kept = groups[keep].filter((key) => has(other, key) || !has(groups.base, key))
  const added = other.filter((key) => !has(groups.base, key) && !has(groups[keep], key))
  return [...kept, ...(mayKeep ? added : added.map(unwrapped))]
}

function unwrapped({ enc: _, ...key }: MasterKey): MasterKey {
  return key
}

function newer(a: string, b: string): string {
  return a.localeCompare(b, 'en', { numeric: true }) >= 0 ? a : b
}
