import type { Json, JsonMap } from '../../manifest/object.ts'

/**
 * What is configured, put over what is ours: maps key by key at any depth, lists whose items have names (extraArgs,
 * extraVolumes) item by item of the same name, all else as a whole. null takes a field away.
 */
export function mergeOver(ours: JsonMap, over: Record<string, unknown>): JsonMap {
  const merged: JsonMap = { ...ours }
  for (const [key, value] of Object.entries(over)) {
    if (value === null) delete merged[key]
    else merged[key] = mergedValue(merged[key], value as Json)
  }
  return merged
}

function mergedValue(ours: Json | undefined, over: Json): Json {
  if (isMap(ours) && isMap(over)) return mergeOver(ours, over)
  if (isNamedList(ours) && isNamedList(over) && over.length > 0) return mergedList(ours, over)
  return over
}

function mergedList(ours: NamedItem[], over: NamedItem[]): Json[] {
  const names = over.map(({ name }) => name)
  return [...ours.filter(({ name }) => !names.includes(name)), ...over]
}

type NamedItem = JsonMap & { name: string }

function isMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNamedList(value: Json | undefined): value is NamedItem[] {
  return Array.isArray(value) && value.every((item) => isMap(item) && typeof item.name === 'string')
}
