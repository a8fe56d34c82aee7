import type { MapNode } from '../tree/tree.ts'
import { valueBytes } from '../tree/values.ts'
import { allValues } from './value-path.ts'

/** What differs between two states of a file, by name; never a value. */
export interface NamedChanges {
  added: string[]
  changed: string[]
  removed: string[]
}

export function namedChanges(before: MapNode[], after: MapNode[]): NamedChanges {
  const [old, made] = [textsOf(before), textsOf(after)]
  return {
    added: [...made.keys()].filter((name) => !old.has(name)),
    changed: [...made]
      .filter(([name, text]) => old.has(name) && old.get(name) !== text)
      .map(([name]) => name),
    removed: [...old.keys()].filter((name) => !made.has(name)),
  }
}

/** "changed a, b; added c", or what is said where only the layout differs. */
export function changesText({ added, changed, removed }: NamedChanges): string {
  const parts = Object.entries({ changed, added, removed }).filter(([, names]) => names.length > 0)
  const texts = parts.map(([what, names]) => `${what} ${names.join(', ')}`)
  return texts.join('; ') || 'changed its comments or layout only'
}

// The kind of a value counts: the number 1 is not the text "1".
function textsOf(branches: MapNode[]): Map<string, string> {
  const values = allValues(branches).flatMap(({ node, name }): [string, string][] => {
    if (node.type !== 'leaf') return []
    const { value } = node
    return [
      [name, `${typeof value}:${value === null ? '' : Buffer.from(valueBytes(value)).toString('latin1')}`],
    ]
  })
  return new Map(values)
}
