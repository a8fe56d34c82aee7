import type { KubernetesObject } from '../../../tasks/lib/manifest/object.ts'

type Path = (string | number)[]

/** An object with one thing changed, and what that is. */
export interface Mutation {
  what: string
  object: KubernetesObject
}

/** Every object that differs from a given one in one field: gone, of another type, empty, too large, unknown. */
export function mutations(object: KubernetesObject): Mutation[] {
  const title = `${object.kind} ${object.metadata.name}`
  return pathsIn(object, []).flatMap((path) =>
    replacements(valueAt(object, path)).map((value) => ({
      what: `${title}: ${path.join('.')} = ${JSON.stringify(value)?.slice(0, 60)}`,
      object: replaced(object, path, value),
    })),
  )
}

// What makes it another object, or is dropped by the server, tells nothing.
const leftAlone = /^(apiVersion|kind|metadata|metadata\.(name|namespace)|status.*)$/

function pathsIn(value: unknown, path: Path): Path[] {
  const below =
    typeof value === 'object' && value !== null
      ? Object.keys(value).flatMap((key) => {
          const step = Array.isArray(value) ? Number(key) : key
          return pathsIn((value as Record<string, unknown>)[key], [...path, step])
        })
      : []
  return path.length === 0 || leftAlone.test(path.join('.')) ? below : [path, ...below]
}

function replacements(value: unknown): unknown[] {
  if (typeof value === 'string') return [undefined, null, '', 'Bogus Value', 5, true, ['a'], { a: 'b' }]
  if (typeof value === 'number') return [undefined, null, -1, 0, 70000, 1.5, 'x', '5', true, {}]
  if (typeof value === 'boolean') return [undefined, 'true', 1, {}]
  if (Array.isArray(value)) return [undefined, null, [], {}, 'x', [...value, value[0]]]
  return [undefined, null, {}, [], 'x', { ...(value as object), bogusField: 1 }]
}

function valueAt(object: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], object)
}

function replaced(object: KubernetesObject, path: Path, value: unknown): KubernetesObject {
  const copy = structuredClone(object)
  const holder = valueAt(copy, path.slice(0, -1)) as Record<string | number, unknown>
  const last = path.at(-1)!
  if (value !== undefined) holder[last] = value
  else if (Array.isArray(holder)) holder.splice(last as number, 1)
  else delete holder[last]
  return copy
}
