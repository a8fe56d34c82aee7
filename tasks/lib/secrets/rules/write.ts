import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { Document, parseDocument } from 'yaml'
import { SecretError } from '../errors.ts'
import { sealedMode, writeAtomically } from '../files/write.ts'
import { type AgeKey, keyName, type MasterKey, type PgpKey } from '../keys/master-key.ts'
import { readRuleFile } from './rule-file.ts'
import { addToNode, groupNodes, type RuleNode, removeFromNode, ruleNodes } from './rule-recipients.ts'

/** Of a Secret manifest only the values are encrypted; of anything else all is. */
const newRules = [
  { path_regex: '^secrets/.*\\.(yaml|yml|json)$', encrypted_regex: '^(data|stringData)$' },
  { path_regex: '^secrets/.*' },
]

/** Paths that new secrets have. */
export const usualPaths = ['secrets/name.yaml', 'secrets/name.env']

/** Which rules a recipient is added to: those that take these paths, from the folder of the file. */
export interface Adding {
  /** Whose key it is, said beside it. */
  comment?: string
  /** Those of secrets/ unless given. */
  paths?: string[]
}

/**
 * Adds a recipient to the rules of a .sops.yaml; makes the file, or its rules, where there are none. Gives false when
 * it was in them already. Comments and layout stay.
 */
export async function addRecipient(
  file: string,
  key: AgeKey | PgpKey,
  adding: Adding = {},
): Promise<boolean> {
  return save(file, rulesWith(await readIfThere(file), key, { file, ...adding }))
}

/** The text of a .sops.yaml with a recipient; undefined where it has it already. */
export function rulesWith(
  text: string | undefined,
  key: AgeKey | PgpKey,
  { file, comment, paths = usualPaths }: Adding & { file: string },
): string | undefined {
  const document = open(text, { file })
  if (ruleNodes(document).length === 0) document.set('creation_rules', document.createNode(newRules))
  const { rules } = readRuleFile(String(document), { file })
  const indexes = new Set(paths.map((path) => rules.findIndex((rule) => rule.matches(path))))
  indexes.delete(-1)
  if (indexes.size === 0) throw noRule(file, paths)
  const nodes = ruleNodes(document)
  const changed = [...indexes].map((index) => addToRule(nodes[index]!, key, { document, comment, file }))
  return changed.includes(true) ? textOf(document, { file, ...layoutOf(text ?? '') }) : undefined
}

/** The text of a .sops.yaml without some recipients; undefined where it has none of them. */
export function rulesWithout(
  text: string,
  keys: MasterKey[],
  { file }: { file: string },
): string | undefined {
  const document = open(text, { file })
  const changed = ruleNodes(document).flatMap((rule) =>
    keys.map((key) => removeFromNode(rule, key, document)),
  )
  if (!changed.includes(true)) return undefined
  const without = textOf(document, { file, ...layoutOf(text) })
  for (const rule of readRuleFile(without, { file }).rules) {
    if (rule.policy().groups.every((group) => group.length > 0)) continue
    const message = 'nobody could open the files of this rule any more: it has no other recipient'
    throw new SecretError(message, { code: 'generic', file, line: rule.line })
  }
  return without
}

// Which people of a Shamir group can replace each other is for people to say.
function addToRule(
  rule: RuleNode,
  key: AgeKey | PgpKey,
  options: { document: Document; comment?: string; file: string },
): boolean {
  const groups = groupNodes(rule)
  if (groups.length <= 1) return addToNode(groups[0] ?? rule, key, options)
  const message = `a rule has ${groups.length} key groups: add the recipient to one of them by hand`
  const hint = `- ${keyName(key)}`
  throw new SecretError(message, { code: 'generic', file: options.file, hint })
}

function open(text: string | undefined, { file }: { file: string }): Document {
  if (text === undefined || text.trim() === '') return new Document({})
  readRuleFile(text, { file }) // for its errors
  return parseDocument(text)
}

async function save(file: string, text: string | undefined): Promise<boolean> {
  if (text === undefined) return false
  await writeAtomically(file, Buffer.from(text), { mode: sealedMode })
  return true
}

function textOf(
  document: Document,
  { file, ...layout }: { file: string; indent?: number; indentSeq?: boolean },
): string {
  try {
    return document.toString({ lineWidth: 0, ...layout })
  } catch (error) {
    const message = 'an anchor stands where the recipient would be taken out: edit the file by hand'
    throw new SecretError(message, { code: 'generic', file, cause: error })
  }
}

// How far the file indents its rules: "- " below the key, or beside it.
function layoutOf(text: string): { indent?: number; indentSeq?: boolean } {
  const spaces = /^creation_rules:[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*( *)- /m.exec(text)?.[1]?.length
  if (spaces === undefined) return {}
  return spaces === 0 ? { indentSeq: false } : { indent: Math.min(spaces, 8) }
}

async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw new SecretError(`cannot be read: ${error.message}`, { code: 'generic', file, cause: error })
  })
}

function noRule(file: string, paths: string[]): SecretError {
  const message = `no creation rule takes ${paths.join(' or ')}`
  const hint = `add one to ${basename(file)}: - path_regex: ^secrets/`
  return new SecretError(message, { code: 'generic', file, hint })
}
