import { type Document, isAlias, isMap, isScalar, isSeq, type Scalar, type YAMLMap, YAMLSeq } from 'yaml'
import { type AgeKey, keyIdentity, type MasterKey, type PgpKey } from '../keys/master-key.ts'
import { parseRecipients } from './recipients.ts'

/** A creation rule, or one of its key groups, as it stands in the file. */
export type RuleNode = YAMLMap<unknown, unknown>

/** The creation rules of a .sops.yaml. */
export function ruleNodes(document: Document): RuleNode[] {
  const rules = document.get('creation_rules')
  return isSeq(rules) ? (rules.items as RuleNode[]) : []
}

/** The key groups of a rule. */
export function groupNodes(rule: RuleNode): RuleNode[] {
  const groups = rule.get('key_groups')
  return isSeq(groups) ? groups.items.filter((item) => isMap(item)) : []
}

/** Adds a recipient to a rule or group, in the form that its others have. Gives false when it is there. */
export function addToNode(
  node: RuleNode,
  key: AgeKey | PgpKey,
  { document, comment }: { document: Document; comment?: string },
): boolean {
  if (fieldsOf(node).some((field) => textsOf(field, document).some((text) => isKey(text, key)))) return false
  const name = key.type === 'age' ? key.recipient : key.fp
  const field = node.get(key.type, true)
  if (isScalar(field) && field.value) {
    field.value = `${String(field.value).trimEnd().replace(/,$/, '')},${name}`
    return true
  }
  const item = document.createNode(name) as Scalar
  if (comment) item.comment = ` ${comment}`
  if (isSeq(field)) field.add(item)
  else node.set(key.type, Object.assign(new YAMLSeq(), { items: [item] }))
  return true
}

/** Takes a recipient out of a rule and its groups. Gives false when it was in none of them. */
export function removeFromNode(rule: RuleNode, key: MasterKey, document: Document): boolean {
  const fields = [rule, ...groupNodes(rule)].flatMap(fieldsOf)
  return fields.map((field) => removeFromField(field, key, document)).includes(true)
}

function removeFromField(field: Field, key: MasterKey, document: Document): boolean {
  const texts = textsOf(field, document)
  const kept = texts.filter((text) => !isKey(text, key))
  if (kept.length === texts.length) return false
  if (isScalar(field)) field.value = kept.join(',')
  else field.items = field.items.filter((item) => !isKey(textOf(item, document) ?? '', key))
  return true
}

type Field = Scalar | YAMLSeq

// Every field that may hold recipients as texts: which kind a text is, is seen by comparing it.
function fieldsOf(node: RuleNode): Field[] {
  return node.items
    .map(({ value }) => value)
    .filter((value): value is Field => isScalar(value) || isSeq(value))
}

function textsOf(field: Field, document: Document): string[] {
  if (isScalar(field)) return String(field.value ?? '').split(',')
  return field.items.flatMap((item) => textOf(item, document) ?? [])
}

// Names of people are often anchors: - *alice
function textOf(item: unknown, document: Document): string | undefined {
  const node = isAlias(item) ? item.resolve(document) : item
  return isScalar(node) ? String(node.value) : undefined
}

function isKey(text: string, key: MasterKey): boolean {
  try {
    return parseRecipients({ [key.type]: [text] }).some((other) => keyIdentity(other) === keyIdentity(key))
  } catch {
    return false // no recipient at all
  }
}
