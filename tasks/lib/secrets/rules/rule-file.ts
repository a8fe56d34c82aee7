import { type Document, isNode, LineCounter, parseDocument } from 'yaml'
import type { Finding } from '../../cli/errors.ts'
import { didYouMean } from '../../cli/suggest.ts'
import { SecretError } from '../errors.ts'
import type { FileType } from '../stores/store.ts'
import { type Selector, selectorKinds } from '../tree/selector.ts'
import { rulePolicy, ruleSelector } from './creation-rule.ts'
import { asList, asMap, asNumber, asText, type FieldPath, type Fields, type Where } from './fields.ts'
import type { Policy } from './policy.ts'
import { compileRegex } from './regex.ts'

/** A creation rule. Like sops, it is looked into only when a file needs it. */
export interface Rule {
  /** Of the file it stands in. */
  line: number
  /** Searched in the path from the folder of the file; a rule without one takes every path. */
  pathRegex?: string
  /** Throws a SecretError for a path_regex that cannot be read. */
  matches(relativePath: string): boolean
  /** Throws a SecretError where the rule names more than one selector. */
  selector(): Selector
  /** Throws a SecretError where a recipient, or another field, cannot be understood. */
  policy(): Policy
}

export interface RuleFile {
  rules: Rule[]
  stores: Partial<Record<FileType, number>>
  findings: Finding[]
}

const fileKeys = ['creation_rules', 'destination_rules', 'stores']
const flatKeys = [
  'path_regex',
  'age',
  'pgp',
  'kms',
  'aws_profile',
  'gcp_kms',
  'hckms',
  'azure_keyvault',
  'hc_vault_transit_uri',
]
const ruleKeys = [...flatKeys, 'key_groups', 'shamir_threshold', ...selectorKinds, 'mac_only_encrypted']

/** Reads the text of a .sops.yaml. Source: config/config.go of sops; like there, unknown keys are not looked at. */
export function readRuleFile(source: string, { file }: { file: string }): RuleFile {
  const lines = new LineCounter()
  const document = parseDocument(source, { merge: true, lineCounter: lines, logLevel: 'silent' })
  const [error] = document.errors
  if (error) {
    const { line } = lines.linePos(error.pos[0])
    throw new SecretError(`is not YAML: ${error.message.split('\n')[0]!.replace(/ at line .*/, '')}`, {
      ...{ code: 'generic', file, line, cause: error },
    })
  }
  const lineOf = (path: FieldPath) => lineAt(document, { path, lines })
  const refuse: Where['refuse'] = (message, at) => {
    throw new SecretError(message, { code: 'generic', file, line: lineOf(at) })
  }
  const top = asMap(toPlain(document, { file }), { at: [], refuse })
  const rules = asList(top.creation_rules, { at: ['creation_rules'], refuse }).map((value, index) => {
    const at = ['creation_rules', index]
    return fileRule(asMap(value, { at, refuse }), { at, refuse, line: lineOf(at) })
  })
  const typos = (keys: string[], known: string[], at: FieldPath) =>
    keys.flatMap((key) => typo(key, { known, file, line: lineOf([...at, key]) }))
  const findings = [
    ...typos(Object.keys(top), fileKeys, []),
    ...rules.flatMap(({ keys }, index) => typos(keys, ruleKeys, ['creation_rules', index])),
  ]
  return { rules: rules.map(({ rule }) => rule), stores: indents(top, { refuse }), findings }
}

function fileRule(fields: Fields, options: Where & { line: number }): { rule: Rule; keys: string[] } {
  const { at, refuse, line } = options
  const pathRegex = asText(fields.path_regex)
  let search: ((path: string) => boolean) | undefined
  const rule: Rule = {
    line,
    pathRegex,
    matches(path) {
      if (pathRegex === undefined) return true
      search ??= regexOf(pathRegex, { at: [...at, 'path_regex'], refuse })
      return search(path)
    },
    selector: () => ruleSelector(fields, options),
    policy: () => rulePolicy(fields, options),
  }
  return { rule, keys: Object.keys(fields) }
}

function regexOf(pattern: string, { at, refuse }: Where): (path: string) => boolean {
  try {
    return compileRegex(pattern)
  } catch (error) {
    return refuse(`path_regex: ${(error as Error).message}`, at)
  }
}

// stores.json_binary is how sops calls the binary store; 0 is what YAML's indent is when nobody sets it.
function indents(top: Fields, { refuse }: Pick<Where, 'refuse'>): RuleFile['stores'] {
  const stores = asMap(top.stores, { at: ['stores'], refuse })
  const indent = (name: string) => {
    const at = ['stores', name]
    return asNumber(asMap(stores[name], { at, refuse }).indent, { at: [...at, 'indent'], refuse })
  }
  return { yaml: indent('yaml') || undefined, json: indent('json'), binary: indent('json_binary') }
}

// People keep their anchors under keys of their own: only what is nearly a key of sops is told of.
function typo(
  key: string,
  { known, file, line }: { known: string[]; file: string; line: number },
): Finding[] {
  const hint = known.includes(key) ? undefined : didYouMean(key, known)
  return hint ? [{ severity: 'warning', message: `${key} is not known to sops`, file, line, hint }] : []
}

function toPlain(document: Document, { file }: { file: string }): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 })
  } catch (error) {
    throw new SecretError(`is not YAML: ${(error as Error).message}`, {
      ...{ code: 'generic', file, cause: error },
    })
  }
}

// The line of the nearest field around it that stands in the text.
function lineAt(document: Document, { path, lines }: { path: FieldPath; lines: LineCounter }): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
