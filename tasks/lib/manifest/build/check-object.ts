import type { Json, JsonMap, KubernetesObject } from '../object.ts'

/** An object, or why the value is none: the message, its hint, and the field that is to blame. */
export type Checked =
  | { object: KubernetesObject; problem?: undefined; field?: undefined }
  | { object?: undefined; problem: { message: string; hint?: string }; field?: string }

interface CheckOptions {
  /** What an item has from its list. */
  inherited?: { apiVersion: string; kind: string }
  /** Nobody is going to look it up by its name. */
  mayLackName?: boolean
}

/** Checks what makes an object of a map: apiVersion, kind and a name. The rest is for validation and the server. */
export function checkObject(value: Json, { inherited, mayLackName = false }: CheckOptions): Checked {
  if (!isMap(value)) return wrong('not a Kubernetes object: a map is expected')
  const object = { ...(inherited && withoutEmpty(inherited)), ...value }
  for (const field of ['apiVersion', 'kind']) {
    const text = object[field]
    if (text === undefined || text === null || text === '') {
      return wrong(`not a Kubernetes object: ${field} is missing`)
    }
    if (typeof text !== 'string') return wrong(`${field} must be a string`, field)
  }
  return checkMetadata(object, mayLackName)
}

function checkMetadata(object: JsonMap, mayLackName: boolean): Checked {
  const metadata = object.metadata ?? (mayLackName ? {} : undefined)
  if (!isMap(metadata)) return wrong('not a Kubernetes object: metadata is missing')
  const { name, generateName } = metadata
  const hasName = typeof name === 'string' && name !== ''
  if (hasName || (mayLackName && (name ?? '') === ''))
    return { object: object as unknown as KubernetesObject }
  if (name !== undefined && name !== null && name !== '') {
    const read = `it reads as ${Array.isArray(name) ? 'a list' : isMap(name) ? 'a map' : `the ${typeof name} ${name}`}`
    return wrong(`metadata.name must be a string, but ${read}`, 'metadata.name', 'put it in quotes')
  }
  const hint = generateName
    ? 'metadata.generateName makes a new object on every run; give it a name'
    : undefined
  return wrong('not a Kubernetes object: metadata.name is missing', 'metadata', hint)
}

function wrong(message: string, field?: string, hint?: string): Checked {
  return { problem: { message, hint }, field }
}

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutEmpty(fields: Record<string, string>): JsonMap {
  return Object.fromEntries(Object.entries(fields).filter(([, text]) => text !== ''))
}
