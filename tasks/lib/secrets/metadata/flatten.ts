import type { PlainObject, PlainValue } from './encode.ts'

/** A sops block as dotenv and INI files have it: "age__list_0__map_enc" and its value. Empty lists are left out. */
export function flatten(block: PlainObject): [key: string, value: string][] {
  return Object.entries(block).flatMap(([key, value]) => flattenValue(key, value))
}

function flattenValue(key: string, value: PlainValue): [string, string][] {
  if (Array.isArray(value)) return value.flatMap((item, index) => flattenValue(`${key}__list_${index}`, item))
  if (typeof value !== 'object') return [[key, String(value)]]
  return Object.entries(value).flatMap(([name, item]) => flattenValue(`${key}__map_${name}`, item))
}

type Flat = string | FlatMap
type FlatMap = Map<string | number, Flat>

/** The nested block that flattened keys stand for. Throws a plain Error: a key twice, or a list with a gap. */
export function unflatten(pairs: Iterable<readonly [key: string, value: string]>): PlainObject {
  const root: FlatMap = new Map()
  for (const [key, value] of pairs) place(root, { steps: stepsOf(key), value, key })
  return Object.fromEntries([...root].map(([key, value]) => [String(key), nested(value, String(key))]))
}

const maxSteps = 20

// Text steps are keys of maps, numbers positions of lists.
function stepsOf(key: string): (string | number)[] {
  const [first = '', ...rest] = key.split(/(__map_|__list_)/)
  const steps: (string | number)[] = [first]
  for (let index = 0; index < rest.length; index += 2) {
    const step = rest[index + 1]!
    if (steps.length > maxSteps) throw new Error('a key of the sops block is nested too deep')
    steps.push(rest[index] === '__map_' ? step : /^\d{1,9}$/.test(step) ? Number(step) : 0)
  }
  return steps
}

function place(
  root: FlatMap,
  { steps, value, key }: { steps: (string | number)[]; value: string; key: string },
) {
  let at = root
  for (const step of steps.slice(0, -1)) {
    const next = at.get(step) ?? new Map()
    if (typeof next === 'string') throw new Error(`${key}: is both a value and more than one`)
    at.set(step, next)
    at = next
  }
  const last = steps.at(-1)!
  if (at.has(last)) throw new Error(`${key}: is there twice`)
  at.set(last, value)
}

function nested(value: Flat, key: string): PlainValue {
  if (typeof value === 'string') return value
  const names = [...value.keys()]
  const items = [...value].map(([name, item]): [string, PlainValue] => [
    String(name),
    nested(item, `${key}.${name}`),
  ])
  if (names.every((name) => typeof name === 'string')) return Object.fromEntries(items)
  if (names.some((name) => typeof name === 'string')) throw new Error(`${key}: is both a list and a map`)
  const list = items.toSorted(([a], [b]) => Number(a) - Number(b))
  if (Number(list.at(-1)![0]) !== list.length - 1)
    throw new Error(`${key}: an element of the list is missing`)
  return list.map(([, item]) => item)
}
