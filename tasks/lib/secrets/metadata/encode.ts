import type { KeyGroup, KeyType, MasterKey } from '../keys/master-key.ts'
import { keyFields, leftOutWhenEmpty } from './key-fields.ts'
import type { Metadata } from './metadata.ts'

/** What stands in a sops block: nested, keys in the order in which they are written. */
export interface PlainObject {
  [key: string]: PlainValue
}
export type PlainValue = string | number | boolean | PlainObject | PlainValue[]

/** The `sops` block as sops 3.13 writes it: keys in alphabetical order at every level. */
export function encodeMetadata(metadata: Metadata): PlainObject {
  const { groups, selector, selectorWritten, macOnlyEncrypted, lastModified, mac, version } = metadata
  const several = groups.length > 1
  const threshold = metadata.threshold ?? (several ? groups.length : undefined)
  return sorted({
    ...(several ? { key_groups: groups.map(encodeGroup) } : encodeKeys(groups[0] ?? [])),
    ...(threshold !== undefined && { shamir_threshold: threshold }),
    ...(selectorWritten && { [selector.kind]: selector.value }),
    ...(macOnlyEncrypted && { mac_only_encrypted: true }),
    lastmodified: lastModified,
    mac,
    version,
  })
}

// Of the lists without keys, sops writes these two in a group.
function encodeGroup(group: KeyGroup): PlainObject {
  return sorted({ age: [], hc_vault: [], ...encodeKeys(group) })
}

function encodeKeys(group: KeyGroup): PlainObject {
  const types = Object.keys(keyFields) as KeyType[]
  const lists = types.map((type): [string, PlainValue[]] => [
    type,
    group.filter((key) => key.type === type).map(encodeKey),
  ])
  return Object.fromEntries(lists.filter(([, keys]) => keys.length > 0))
}

function encodeKey(key: MasterKey): PlainObject {
  const fields = Object.entries(keyFields[key.type]).map(([name, property]): [string, PlainValue] => {
    const value = (key as unknown as PlainObject)[property] ?? ''
    return [name, typeof value === 'object' ? sorted(value as PlainObject) : value]
  })
  return Object.fromEntries(
    fields.filter(([name, value]) => !leftOutWhenEmpty.includes(name) || !isEmpty(value)),
  )
}

function isEmpty(value: PlainValue): boolean {
  return value === '' || Object.keys(value).length === 0
}

function sorted(fields: PlainObject): PlainObject {
  return Object.fromEntries(Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}
