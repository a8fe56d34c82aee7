import { type Entry, entry, leaf, type MapNode, map, type Node } from '../tree/tree.ts'
import type { ImportedSecret } from './secret-object.ts'

/** The clear tree of a Secret's manifest, in the order people read it: texts in stringData, other bytes in data. */
export function secretTree(secret: ImportedSecret & { name: string }): MapNode {
  const { name, namespace, labels, annotations, type, immutable, values } = secret
  const texts = Object.entries(values).filter(([, value]) => typeof value === 'string')
  const bytes = Object.entries(values).filter(([, value]) => typeof value !== 'string')
  return present([
    ['apiVersion', leaf('v1')],
    ['kind', leaf('Secret')],
    [
      'metadata',
      present([
        ['name', leaf(name)],
        ['namespace', namespace === undefined ? undefined : leaf(namespace)],
        ['labels', textMap(labels)],
        ['annotations', textMap(annotations)],
      ]),
    ],
    ['type', leaf(type)],
    ['immutable', immutable ? leaf(true) : undefined],
    ['data', textMap(Object.fromEntries(bytes.map(([key, value]) => [key, base64(value)])))],
    ['stringData', textMap(Object.fromEntries(texts) as Record<string, string>)],
  ])
}

function present(entries: [key: string, value: Node | undefined][]): MapNode {
  return map(entries.flatMap(([key, value]): Entry[] => (value ? [entry(key, value)] : [])))
}

function textMap(texts: Record<string, string>): MapNode | undefined {
  const entries = Object.entries(texts)
  return entries.length > 0 ? map(entries.map(([key, text]) => entry(key, leaf(text)))) : undefined
}

function base64(value: string | Uint8Array): string {
  return Buffer.from(value as Uint8Array).toString('base64')
}
