import { type KeyGroup, keyName, type MasterKey } from '../keys/master-key.ts'
import { defaultSelector, type Selector, selectorKinds } from '../tree/selector.ts'
import { asFlag, asList, asMap, asNumber, asText, asTexts, type Fields, type Where } from './fields.ts'
import type { Policy } from './policy.ts'
import { azureKeyOf, type KmsOptions, parseRecipients, type RecipientTexts } from './recipients.ts'

/** How the files of a creation rule are encrypted. Source: config/config.go of sops. */
export function rulePolicy(rule: Fields, where: Where): Policy {
  return {
    groups: groupsOf(rule, where),
    threshold:
      asNumber(rule.shamir_threshold, { ...where, at: [...where.at, 'shamir_threshold'] }) || undefined,
    selector: ruleSelector(rule, where),
    macOnlyEncrypted: asFlag(rule.mac_only_encrypted),
  }
}

/** Which values of its files are encrypted. */
export function ruleSelector(rule: Fields, { at, refuse }: Where): Selector {
  const named = selectorKinds.filter((kind) => rule[kind])
  if (named.length > 1) refuse(`${named.join(' and ')} cannot stand in one rule`, [...at, named[1]!])
  const [kind] = named
  return kind ? { kind, value: String(rule[kind]) } : defaultSelector
}

// With key_groups the keys beside them do not count.
function groupsOf(rule: Fields, where: Where): KeyGroup[] {
  const at = [...where.at, 'key_groups']
  const groups = asList(rule.key_groups, { ...where, at })
  if (groups.length === 0) return [flatKeys(rule, where)]
  return groups.map((group, index) => withoutDoubles(groupKeys(group, { ...where, at: [...at, index] })))
}

const flatFields = [
  ['age', 'age'],
  ['pgp', 'pgp'],
  ['kms', 'kms'],
  ['gcp_kms', 'gcp_kms'],
  ['hckms', 'hckms'],
  ['azure_keyvault', 'azure_kv'],
  ['hc_vault_transit_uri', 'hc_vault'],
] as const

function flatKeys(rule: Fields, where: Where): KeyGroup {
  const awsProfile = asText(rule.aws_profile)
  return flatFields.flatMap(([field, type]) => {
    const at = [...where.at, field]
    const value = rule[field]
    const texts = typeof value === 'string' ? [value] : asTexts(value, { ...where, at })
    return keysOf({ [type]: texts }, { ...where, at, awsProfile })
  })
}

function groupKeys(value: unknown, { at, refuse }: Where): MasterKey[] {
  const group = asMap(value, { at, refuse })
  const field = (name: string): Where => ({ at: [...at, name], refuse })
  const maps = (name: string) =>
    asList(group[name], field(name)).map((item, index) => asMap(item, { at: [...at, name, index], refuse }))
  const keys = (name: string, texts: RecipientTexts) => keysOf(texts, field(name))
  const strings = (name: string) => asTexts(group[name], field(name))
  const merged = asList(group.merge, field('merge')).flatMap((item, index) =>
    groupKeys(item, { at: [...at, 'merge', index], refuse }),
  )
  return [
    ...merged,
    ...keys('age', { age: strings('age') }),
    ...keys('pgp', { pgp: strings('pgp') }),
    ...maps('kms').map((key) => kmsKeyOf(key, field('kms'))),
    ...maps('gcp_kms').flatMap((key) => keys('gcp_kms', { gcp_kms: [asText(key.resource_id) ?? ''] })),
    ...maps('hckms').flatMap((key) => keys('hckms', { hckms: [asText(key.key_id) ?? ''] })),
    ...maps('azure_keyvault').map((key) => azureKeyFrom(key, field('azure_keyvault'))),
    ...keys('hc_vault', { hc_vault: strings('hc_vault') }),
  ]
}

function kmsKeyOf(key: Fields, { at, refuse }: Where): MasterKey {
  const arn = asText(key.arn) ?? refuse('a key of kms has no arn', at)
  const context = asMap(key.context, { at, refuse })
  const entries = Object.entries(context).map(([name, value]) => [name, String(value ?? '')])
  return {
    type: 'kms',
    arn,
    ...(asText(key.role) && { role: asText(key.role) }),
    ...(entries.length > 0 && { context: Object.fromEntries(entries) }),
    ...(asText(key.aws_profile) && { awsProfile: asText(key.aws_profile) }),
  }
}

function azureKeyFrom(key: Fields, { at, refuse }: Where): MasterKey {
  try {
    const [vaultUrl, name] = [asText(key.vaultUrl) ?? '', asText(key.key) ?? '']
    return azureKeyOf({ vaultUrl, name, version: asText(key.version) })
  } catch (error) {
    return refuse((error as Error).message, at)
  }
}

function keysOf(texts: RecipientTexts, { at, refuse, ...options }: Where & KmsOptions): MasterKey[] {
  try {
    return parseRecipients(texts, options)
  } catch (error) {
    return refuse((error as Error).message, at)
  }
}

// The same key twice in a group is wrapped once; keys of AWS differ in their context and profile too.
function withoutDoubles(keys: MasterKey[]): KeyGroup {
  const seen = new Set<string>()
  return keys.filter((key) => {
    const { context = {}, awsProfile = '' } = key.type === 'kms' ? key : {}
    const identity = JSON.stringify([key.type, keyName(key), context, awsProfile])
    const isNew = !seen.has(identity)
    seen.add(identity)
    return isNew
  })
}
