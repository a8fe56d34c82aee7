import type { FieldSet } from './managed-fields.ts'
import { equal, isMap } from './values.ts'

/**
 * A copy without these fields: what a server-side apply takes away when their only owner stops listing them.
 * Maps and lists that become empty go too, when they were owned themselves (".").
 */
export function withoutFields<T>(value: T, fields: FieldSet): T {
  if (Array.isArray(value)) return withoutItems(value, fields) as T
  if (!isMap(value)) return value
  const result: Record<string, unknown> = { ...value }
  for (const [key, below] of Object.entries(fields)) {
    const name = key.slice(2)
    if (!key.startsWith('f:') || !(name in result)) continue
    const rest = Object.keys(below).length === 0 ? undefined : withoutFields(result[name], below)
    if (rest === undefined || ('.' in below && isEmpty(rest))) delete result[name]
    else result[name] = rest
  }
  return result as T
}

function withoutItems(list: unknown[], fields: FieldSet): unknown[] {
  const rules = Object.entries(fields).filter(([key]) => key !== '.')
  return list.flatMap((item) => {
    const found = rules.find(([key]) => isItem(item, key))
    if (!found) return [item]
    const [key, below] = found
    // An item that nobody else owns goes as a whole.
    if (key.startsWith('v:') || '.' in below) return []
    return [withoutFields(item, below)]
  })
}

function isItem(item: unknown, key: string): boolean {
  const selector = JSON.parse(key.slice(2)) as unknown
  if (key.startsWith('v:')) return equal(item, selector)
  return (
    isMap(item) &&
    isMap(selector) &&
    Object.entries(selector).every(([field, value]) => equal(item[field], value))
  )
}

function isEmpty(value: unknown): boolean {
  return (isMap(value) || Array.isArray(value)) && Object.keys(value).length === 0
}
