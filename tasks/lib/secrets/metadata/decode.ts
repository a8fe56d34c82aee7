import type { Place } from '../../cli/errors.ts'
import type { KeyGroup, KeyType, MasterKey } from '../keys/master-key.ts'
import { compileRegex } from '../rules/regex.ts'
import { defaultSelector, type Selector, selectorKinds } from '../tree/selector.ts'
import { Fields } from './fields.ts'
import { keyFields, leftOutWhenEmpty } from './key-fields.ts'
import type { Metadata } from './metadata.ts'

/**
 * What a `sops` block says, of any version of sops and any kind of file: flat files have texts for numbers and
 * booleans. Fields that sops does not know are dropped, as it drops them. Throws a SecretError.
 */
export function decodeMetadata(block: unknown, at: Place): Metadata {
  const fields = new Fields(block, { name: 'sops', at })
  const threshold = fields.number('shamir_threshold')
  const found = selectorKinds.filter((kind) => fields.text(kind) !== '')
  if (found.length > 1) throw fields.error(`expected one of ${found.join(', ')}, not ${found.length} of them`)
  const [kind] = found
  const selector = kind ? { kind, value: fields.text(kind) } : defaultSelector
  checkRegex(selector, fields)
  return {
    groups: decodeGroups(fields),
    ...(threshold !== 0 && { threshold }),
    lastModified: fields.time('lastmodified'),
    mac: fields.text('mac'),
    selector,
    selectorWritten: kind !== undefined,
    macOnlyEncrypted: fields.boolean('mac_only_encrypted'),
    version: writtenBy(fields),
  }
}

// Here, where the file is known: nothing that walks a tree has to think of it.
function checkRegex({ kind, value }: Selector, fields: Fields): void {
  if (!kind.endsWith('_regex')) return
  try {
    compileRegex(value)
  } catch {
    throw fields.error(`${kind}: expected a regular expression of RE2`)
  }
}

function writtenBy(fields: Fields): string {
  const version = fields.text('version')
  if (version !== '') return version
  throw fields.error('version: expected the version of sops, found nothing')
}

// Lists at the top win over key_groups.
function decodeGroups(fields: Fields): KeyGroup[] {
  const top = decodeGroup(fields)
  const groups = top.length > 0 ? [top] : fields.list('key_groups').map(decodeGroup)
  if (groups.flat().length > 0) return groups
  throw fields.error('names no key that could open the file')
}

function decodeGroup(fields: Fields): KeyGroup {
  return (Object.keys(keyFields) as KeyType[]).flatMap((type) =>
    fields.list(type).map((key) => decodeKey(type, key)),
  )
}

function decodeKey(type: KeyType, fields: Fields): MasterKey {
  const properties = Object.entries(keyFields[type]).map(([name, property]) => [
    property,
    keyField(fields, name),
  ])
  return { type, ...Object.fromEntries(properties.filter(([, value]) => value !== undefined)) }
}

function keyField(fields: Fields, name: string): string | Record<string, string> | undefined {
  if (name === 'created_at') return fields.time(name)
  if (name === 'context') return fields.texts(name)
  const optional = name === 'aws_profile' || leftOutWhenEmpty.includes(name)
  return fields.text(name) || (optional ? undefined : '')
}
