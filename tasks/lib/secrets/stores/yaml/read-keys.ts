import { TreeError } from './read-tree.ts'
import type { YamlNode } from './syntax/node.ts'

/** Throws where a map says a key twice, or where nothing that could be merged follows `<<`. */
export function checkKeys(node: YamlNode): void {
  if (node.kind === 'map') checkMap(node)
  for (const child of node.content) checkKeys(child)
}

function checkMap({ content }: YamlNode): void {
  const seen = new Map<string, number>()
  for (let at = 0; at < content.length; at += 2) {
    const key = content[at]!
    const name = key.kind + key.value
    const first = seen.get(name)
    if (first !== undefined)
      throw new TreeError(`has the key ${key.value} twice, first in line ${first}`, key)
    seen.set(name, key.line)
    if (isMergeKey(key) && !isMergeable(content[at + 1]!)) {
      throw new TreeError('has a key << without a map, or a list of maps, to merge: quote it', key)
    }
  }
}

function isMergeKey({ kind, value, tag, style }: YamlNode): boolean {
  return kind === 'scalar' && value === '<<' && (tag === '!!merge' || (tag === '' && style === 'plain'))
}

function isMergeable(value: YamlNode): boolean {
  return isMap(value) || (value.kind === 'list' && value.content.every(isMap))
}

function isMap({ kind, target }: YamlNode): boolean {
  return kind === 'map' || target?.kind === 'map'
}
