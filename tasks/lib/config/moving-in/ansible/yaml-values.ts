import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParseOptions,
  parseDocument,
} from 'yaml'
import type { Finding, Place } from '../../../cli/errors.ts'
import { keyText, pairsOf } from '../../cluster-file/cluster-document.ts'
import type { Placed, Scalar, Settings } from './placed.ts'

/** What a YAML file of Ansible holds; undefined for an empty one. */
export interface AnsibleYaml {
  root: Placed | undefined
  findings: Finding[]
}

interface Reader {
  placeOf(node: unknown): Place
  resolve: Parameters<typeof pairsOf>[1]
}

/** Reads YAML as Ansible does: by YAML 1.1, where "yes" is true and 010 is eight, and a second key of a name wins. */
export function readAnsibleYaml(text: string, file: string): AnsibleYaml {
  const lineCounter = new LineCounter()
  const options: ParseOptions = { lineCounter, prettyErrors: false, uniqueKeys: false }
  const document = parseDocument(text, { ...options, version: '1.1', logLevel: 'silent' })
  const placeAt = (offset: number): Place => ({ file, line: lineCounter.linePos(offset).line })
  const findings = document.errors.slice(0, 1).map((error): Finding => {
    const message = `this is no whole YAML file: ${lowerFirst(error.message.split('\n')[0]!)}`
    return { severity: 'error', ...placeAt(error.pos[0]), message, hint: 'mend or restore the file first' }
  })
  const resolve = (node: unknown) => (isAlias(node) ? node.resolve(document) : (node as Node | undefined))
  const reader: Reader = {
    resolve,
    placeOf: (node) => placeAt((node as { range?: [number] } | undefined)?.range?.[0] ?? 0),
  }
  const root = document.contents && findings.length === 0 ? placed(document.contents, reader) : undefined
  return { root, findings }
}

function placed(written: unknown, reader: Reader, key: unknown = written): Placed {
  const place = reader.placeOf(key)
  const node = reader.resolve(written)
  if (isMap(node)) return { place, content: settings(pairsOf(node, reader.resolve), reader) }
  if (isSeq(node)) return { place, content: node.items.map((item) => placed(item, reader)) }
  if (!isScalar(node)) return { place, content: null }
  if (node.tag === '!vault') return { place, content: null, isVault: true }
  return { place, content: scalar(node.value, node.source) }
}

function settings(pairs: ReturnType<typeof pairsOf>, reader: Reader): Settings {
  return new Map(pairs.map(({ key, value }) => [keyText(key), placed(value, reader, key)]))
}

// A date stays what is written.
function scalar(value: unknown, source: string | undefined): Scalar {
  if (value === null || ['string', 'number', 'boolean'].includes(typeof value)) return value as Scalar
  return source ?? String(value)
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1)
}
