import { isMap, isScalar, isSeq, type Node, type Scalar } from 'yaml'
import type { Finding, Place } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { formatNamed } from '../variables/formats.ts'
import { isExpanded, keyText, pairsOf, type YamlFile } from './cluster-document.ts'
import { clusterFields } from './cluster-fields.ts'
import type { ClusterValues } from './cluster-values.ts'
import type { DictionaryField, Field, ListField, MapField } from './field.ts'
import type { At, Expand, FieldReader } from './field-reader.ts'
import { exampleHint, readScalar } from './scalar-field.ts'

export interface ClusterRead {
  values: ClusterValues
  /** By path, "nodes[0].address". */
  places: ReadonlyMap<string, Place>
  findings: Finding[]
}

/** Reads the whole file against the table of its fields. */
export function readValues(yaml: YamlFile, expand: Expand): ClusterRead {
  const reader: FieldReader = { yaml, expand, places: new Map(), findings: [] }
  const values = readField(yaml.root, clusterFields, { path: '', reader })
  return {
    values: (values as ClusterValues | undefined) ?? {},
    places: reader.places,
    findings: reader.findings,
  }
}

function readField(node: Node | undefined, field: Field, at: At): unknown {
  if (!node) return undefined
  at.reader.places.set(at.path, at.reader.yaml.placeOf(node))
  if (field.type === 'free') return readFree(node, at)
  if (field.type === 'map') return readMap(node, field, at)
  if (field.type === 'list') return readList(node, field, at)
  if (field.type === 'dictionary') return readDictionary(node, field, at)
  return isScalar(node)
    ? readScalar(node, field, at)
    : wrongType(node, { expected: 'one value', hint: exampleHint(field, at.path) }, at)
}

function readMap(node: Node, field: MapField, at: At): unknown {
  if (isScalar(node) && field.shorthand) {
    const value = readField(node, field.fields[field.shorthand]!, {
      ...at,
      path: join(at.path, field.shorthand),
    })
    return value === undefined ? undefined : { [field.shorthand]: value }
  }
  if (!isMap(node))
    return wrongType(
      node,
      { expected: 'a map', hint: `its fields are ${Object.keys(field.fields).join(', ')}` },
      at,
    )
  const values: Record<string, unknown> = {}
  for (const { key, value } of pairsOf(node, at.reader.yaml.resolve)) {
    const name = keyText(key)
    const inner = Object.hasOwn(field.fields, name) ? field.fields[name] : undefined
    if (!inner) reportUnknownKey(key, field, at)
    else values[name] = readField(value, inner, { ...at, path: join(at.path, name) })
  }
  for (const [name, inner] of Object.entries(field.fields)) {
    const written = pairsOf(node, at.reader.yaml.resolve).some(
      ({ key, value }) => keyText(key) === name && value,
    )
    if (inner.required && !written) reportMissing(node, name, at)
  }
  return values
}

function readList(node: Node, field: ListField, at: At): unknown {
  if (!isSeq(node)) return wrongType(node, { expected: 'a list', hint: 'put "- " before each item' }, at)
  const { resolve } = at.reader.yaml
  // An item of the wrong type keeps its index, so that later findings keep their places.
  const absent = field.items.type === 'map' ? {} : undefined
  const values = node.items.map((item, index) => {
    const path = `${at.path}[${index}]`
    return readField(resolve(item), field.items, { ...at, path }) ?? absent
  })
  return values.filter((value) => value !== undefined)
}

function readDictionary(node: Node, field: DictionaryField, at: At): unknown {
  if (!isMap(node)) return wrongType(node, { expected: 'a map', hint: 'write key: value pairs below it' }, at)
  const format = formatNamed(field.keys)
  const values: Record<string, unknown> = {}
  for (const { key, value } of pairsOf(node, at.reader.yaml.resolve)) {
    const name = keyText(key)
    const path = join(at.path, name)
    if (!format.accepts(name)) {
      report(
        key,
        {
          message: `${at.path} has the key "${name}", expected ${format.expected}`,
          hint: `for example ${format.example}`,
        },
        at,
      )
    }
    const text = value ? readField(value, field.values, { ...at, path }) : ''
    if (text !== undefined) values[name] = text
  }
  return values
}

function readFree(node: Node, at: At): unknown {
  const { yaml, expand } = at.reader
  if (isScalar(node)) {
    const { value } = node
    return typeof value === 'string' && isExpanded(node) ? expand(value, yaml.placeOf(node)) : value
  }
  if (isSeq(node)) return node.items.map((item) => readFreeItem(yaml.resolve(item), at))
  if (!isMap(node)) return undefined
  return Object.fromEntries(
    pairsOf(node, yaml.resolve).map(({ key, value }) => [keyText(key), readFreeItem(value, at)]),
  )
}

function readFreeItem(node: Node | undefined, at: At): unknown {
  return node ? readFree(node, at) : null
}

function wrongType(node: Node, words: { expected: string; hint: string }, at: At): undefined {
  const found = isMap(node) ? 'a map' : isSeq(node) ? 'a list' : `"${keyText(node)}"`
  const message = `${at.path || 'the file'} is ${found}, expected ${words.expected}`
  return report(node, { message, hint: words.hint }, at)
}

function reportUnknownKey(key: Scalar, field: MapField, at: At): undefined {
  const known = Object.keys(field.fields)
  const message = `unknown key "${keyText(key)}"${at.path ? ` in ${at.path}` : ''}`
  return report(
    key,
    { message, hint: didYouMean(keyText(key), known) ?? `known here: ${known.join(', ')}` },
    at,
  )
}

function reportMissing(node: Node, name: string, at: At): undefined {
  return report(node, { message: `${at.path} has no ${name}`, hint: `add "${name}:" to it` }, at)
}

function report(node: unknown, words: { message: string; hint: string }, at: At): undefined {
  at.reader.findings.push({ severity: 'error', ...at.reader.yaml.placeOf(node), ...words })
  return undefined
}

function join(path: string, name: string): string {
  return path ? `${path}.${name}` : name
}
