import type { KubernetesObject } from '../../manifest/object.ts'
import { type FieldSet, ownFields } from './managed-fields.ts'
import { equal, isMap } from './values.ts'

/**
 * True when the server holds the desired object as we applied it: every desired field is ours and equal, and we own
 * nothing besides. False means "unknown": quantities in other words, defaults and the like are for a dry run to judge.
 */
export function isAsApplied(desired: KubernetesObject, live: KubernetesObject): boolean {
  const own = ownFields(live)
  if (!own?.fieldsV1 || own.apiVersion !== desired.apiVersion) return false
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = desired
  const { name: _name, namespace: _namespace, ...meta } = metadata
  const content = Object.keys(meta).length > 0 ? { ...rest, metadata: meta } : rest
  return mapMatches(content, live, own.fieldsV1)
}

function matches(desired: unknown, live: unknown, fields: FieldSet): boolean {
  if (isLeaf(fields)) return equal(desired, live)
  if (isMap(desired)) return isMap(live) && mapMatches(desired, live, fields)
  if (!Array.isArray(desired) || !Array.isArray(live)) return false
  return 'v' === firstKind(fields) ? setMatches(desired, live, fields) : listMatches(desired, live, fields)
}

/** {} owns the value with all that is in it: a scalar, or a list or map that is replaced as a whole. */
function isLeaf(fields: FieldSet): boolean {
  for (const _key in fields) return false
  return true
}

function firstKind(fields: FieldSet): string {
  for (const key in fields) if (key !== '.') return key.slice(0, key.indexOf(':'))
  return ''
}

function mapMatches(
  desired: Record<string, unknown>,
  live: Record<string, unknown>,
  fields: FieldSet,
): boolean {
  let owned = 0
  for (const key in desired) {
    const field = fields[`f:${key}`]
    if (!field || !matches(desired[key], live[key], field)) return false
    owned++
  }
  for (const key in fields) if (key !== '.') owned--
  return owned === 0
}

// Lists whose items are told apart by key fields: containers by name, ports by containerPort and protocol.
function listMatches(desired: unknown[], live: unknown[], fields: FieldSet): boolean {
  const items = Object.entries(fields).filter(([key]) => key !== '.')
  if (items.length !== desired.length) return false
  const keys = items.map(([key]) => JSON.parse(key.slice(2)) as Record<string, unknown>)
  let behind = -1
  for (const item of desired) {
    const found = isMap(item) ? onlyMatch(item, keys) : undefined
    if (found === undefined) return false
    const at = live.findIndex((other) => isMap(other) && hasKeys(other, keys[found]!))
    // Another order is a difference too: an environment variable may only use those before it.
    if (at <= behind || !matches(item, live[at], items[found]![1])) return false
    behind = at
  }
  return true
}

/** The index of the one key that fits, where a key field that the item leaves out is the server's default. */
function onlyMatch(item: Record<string, unknown>, keys: Record<string, unknown>[]): number | undefined {
  const fitting = keys.flatMap((key, index) =>
    Object.entries(key).every(([field, value]) => !(field in item) || equal(item[field], value))
      ? [index]
      : [],
  )
  return fitting.length === 1 ? fitting[0] : undefined
}

function hasKeys(item: Record<string, unknown>, key: Record<string, unknown>): boolean {
  return Object.entries(key).every(([field, value]) => equal(item[field], value))
}

// Lists that are sets: finalizers, access modes.
function setMatches(desired: unknown[], live: unknown[], fields: FieldSet): boolean {
  const values = Object.keys(fields).filter((key) => key !== '.')
  if (values.length !== desired.length) return false
  let behind = -1
  for (const value of desired) {
    if (!(`v:${JSON.stringify(value)}` in fields)) return false
    const at = live.findIndex((other) => equal(other, value))
    if (at <= behind) return false
    behind = at
  }
  return true
}
