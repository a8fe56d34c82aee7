import { type Document, isMap, isSeq, Pair, parseDocument, Scalar, YAMLMap, YAMLSeq } from 'yaml'
import type { Fields } from '../../api/kubeconfig/kubeconfig-files.ts'

/** What is to stand in a kubeconfig: entries by list and name, each with all its fields. */
export interface WantedEntry {
  list: 'clusters' | 'users' | 'contexts'
  name: string
  fields: Fields
}

const innerField = { clusters: 'cluster', users: 'user', contexts: 'context' } as const

/**
 * The text of a kubeconfig with these entries in it. All else stays as it is written, comments and order included;
 * the current context is set only where there is none.
 */
export function mergeKubeconfig(
  text: string,
  { entries, currentContext }: { entries: WantedEntry[]; currentContext: string },
): string {
  // Without types every foreign value keeps its spelling: 0123 and yes come out as they went in.
  const document = parseDocument(text, { schema: 'failsafe' })
  if (!isMap(document.contents)) startAnew(document)
  for (const entry of entries) setEntry(document, entry)
  if (!document.get('current-context')) document.set('current-context', node(currentContext))
  return `${document.toString({ lineWidth: 0 }).trimEnd()}\n`
}

function startAnew(document: Document): void {
  const map = new YAMLMap()
  map.set('apiVersion', 'v1')
  map.set('kind', 'Config')
  document.contents = map
}

function setEntry(document: Document, { list, name, fields }: WantedEntry): void {
  const present = document.get(list)
  const sequence = isSeq(present) ? present : new YAMLSeq()
  if (sequence !== present) document.set(list, sequence)
  // kubectl writes an empty list as [], and that is no place for a whole entry.
  if (sequence.items.length === 0) sequence.flow = false
  const item = sequence.items.find(
    (item): item is YAMLMap => isMap(item) && String(item.get('name')) === name,
  )
  if (item) return void item.set(innerField[list], node(fields))
  const added = new YAMLMap()
  added.add(new Pair(new Scalar(innerField[list]), node(fields)))
  added.add(new Pair(new Scalar('name'), node(name)))
  sequence.add(added)
}

function node(value: unknown): Scalar | YAMLMap | YAMLSeq {
  if (Array.isArray(value)) {
    const sequence = new YAMLSeq()
    for (const item of value) sequence.add(node(item))
    return sequence
  }
  if (typeof value !== 'object' || value === null) return scalar(value)
  const map = new YAMLMap()
  for (const [key, field] of Object.entries(value)) map.add(new Pair(scalar(key), node(field)))
  return map
}

// Plain only where every reader takes it for a text.
function scalar(value: unknown): Scalar {
  const made = new Scalar(String(value))
  const isText = typeof value === 'string'
  const isPlain =
    !isText ||
    (/^[A-Za-z][\w+/=.:@-]*$/.test(value) && !/^(y|n|yes|no|on|off|true|false|null)$|:$/i.test(value))
  made.type = isPlain ? 'PLAIN' : 'QUOTE_DOUBLE'
  return made
}
