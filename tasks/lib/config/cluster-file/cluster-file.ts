import { isMap, isScalar, isSeq, type Node } from 'yaml'
import type { Finding, Place } from '../../cli/errors.ts'
import type { Definition } from '../variables/resolver.ts'
import { isExpanded, keyText, pairsOf, parseYamlFile, type YamlFile } from './cluster-document.ts'
import { clusterFields } from './cluster-fields.ts'
import { type ClusterRead, readValues } from './cluster-reader.ts'
import type { Field } from './field.ts'
import type { Expand } from './field-reader.ts'

/** cluster.yaml: first what it says of variables, then, when they are known, all that it says. */
export interface ClusterFile {
  definitions: Definition[]
  read(expand: Expand): ClusterRead
}

/** Parses cluster.yaml; an empty one configures nothing. */
export function readClusterFile(text: string, file: string): ClusterFile {
  const yaml = parseYamlFile(text, file)
  if (yaml.findings.length > 0) return unreadable(yaml.findings)
  return {
    definitions: definitionsOf(yaml.root, clusterFields, yaml),
    read: (expand) => readValues(yaml, expand),
  }
}

// Half a file would give findings that are not so.
function unreadable(findings: Finding[]): ClusterFile {
  return { definitions: [], read: () => ({ values: {}, places: new Map<string, Place>(), findings }) }
}

function definitionsOf(node: Node | undefined, field: Field, yaml: YamlFile): Definition[] {
  if (!node) return []
  const own = field.variable ? definitionText(node, yaml) : undefined
  if (own !== undefined) {
    const place = yaml.placeOf(node)
    return [{ name: field.variable!, ...own, origin: `${place.file}:${place.line}`, place, readAgain: true }]
  }
  if (field.type === 'map' && field.shorthand && isScalar(node))
    return definitionsOf(node, field.fields[field.shorthand]!, yaml)
  if (field.type !== 'map' || !isMap(node)) return []
  return pairsOf(node, yaml.resolve).flatMap(({ key, value }) => {
    const inner = field.fields[keyText(key)]
    return inner ? definitionsOf(value, inner, yaml) : []
  })
}

// A list of words, or of maps with a name: the names.
function definitionText(node: Node, yaml: YamlFile): Pick<Definition, 'text' | 'expands'> | undefined {
  if (isScalar(node)) return { text: keyText(node), expands: isExpanded(node) }
  if (!isSeq(node)) return undefined
  const names = node.items.map((item) => {
    const resolved = yaml.resolve(item)
    const named = isMap(resolved)
      ? pairsOf(resolved, yaml.resolve).find(({ key }) => keyText(key) === 'name')?.value
      : resolved
    return isScalar(named) ? keyText(named) : ''
  })
  return { text: names.filter(Boolean).join(' '), expands: true }
}
