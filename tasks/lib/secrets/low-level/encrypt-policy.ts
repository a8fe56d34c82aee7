import type { Finding } from '../../cli/errors.ts'
import { SecretError } from '../errors.ts'
import type { KeyGroup, KeyType } from '../keys/master-key.ts'
import type { Policy } from '../rules/policy.ts'
import { parseRecipients, type RecipientTexts } from '../rules/recipients.ts'
import type { Rules } from '../rules/rules.ts'
import type { FileType } from '../stores/store.ts'
import { defaultSelector, type Selector, type SelectorKind, selectorKinds } from '../tree/selector.ts'

/** What the command line says of how a file is encrypted. */
export interface PolicyFlags {
  recipients: RecipientTexts
  awsProfile?: string
  /** "name:value,name:value", of AWS keys. */
  encryptionContext?: string
  selectors: Partial<Record<SelectorKind, string>>
  macOnlyEncrypted?: boolean
  threshold?: number
}

/** The variable that names recipients of a kind where no flag does. */
const recipientVariables: Record<KeyType, string> = {
  kms: 'SOPS_KMS_ARN',
  gcp_kms: 'SOPS_GCP_KMS_IDS',
  hckms: 'SOPS_HUAWEICLOUD_KMS_IDS',
  azure_kv: 'SOPS_AZURE_KEYVAULT_URLS',
  pgp: 'SOPS_PGP_FP',
  hc_vault: 'SOPS_VAULT_URIS',
  age: 'SOPS_AGE_RECIPIENTS',
}

/** Recipients by flag, else by variable, in the order in which sops writes them. */
export function namedRecipients(
  flags: RecipientTexts,
  environment: Readonly<Record<string, string | undefined>>,
): RecipientTexts {
  const types = Object.keys(recipientVariables) as KeyType[]
  return Object.fromEntries(
    types.map((type) => [
      type,
      flags[type]?.length ? flags[type] : [environment[recipientVariables[type]] ?? ''],
    ]),
  )
}

/**
 * How a file is encrypted: its rule, with what the command line says instead. Recipients on the command line replace
 * those of the rule; yet, as with sops, a .sops.yaml without a rule for the file is an error. Throws a SecretError.
 */
export function encryptPolicy(
  path: string,
  { rules, flags, type }: { rules: Rules | undefined; flags: PolicyFlags; type: FileType },
): { policy: Policy; findings: Finding[] } {
  const rule = rules && rules.rules.length > 0 ? rules.policyFor(path) : undefined
  const selected = selectorOf(rule, flags)
  const findings = type === 'binary' && selected ? [ignoredSelector(selected)] : []
  const policy: Policy = {
    groups: groupsOf(rule, flags),
    threshold: flags.threshold ?? rule?.threshold,
    selector: selected ?? defaultSelector,
    macOnlyEncrypted: flags.macOnlyEncrypted || rule?.macOnlyEncrypted === true,
  }
  return { policy, findings }
}

function selectorOf(rule: Policy | undefined, { selectors }: PolicyFlags): Selector | undefined {
  const ofRule =
    rule && rule.selector !== defaultSelector ? { [rule.selector.kind]: rule.selector.value } : {}
  const all: Partial<Record<SelectorKind, string>> = { ...ofRule }
  for (const kind of selectorKinds) if (selectors[kind]) all[kind] = selectors[kind]
  const kinds = Object.keys(all) as SelectorKind[]
  if (kinds.length > 1) {
    const message = `${kinds.join(' and ')} cannot be used for the same file`
    throw new SecretError(message, { code: 'conflictingFlags' })
  }
  return kinds[0] && { kind: kinds[0], value: all[kinds[0]]! }
}

function groupsOf(rule: Policy | undefined, { recipients, ...flags }: PolicyFlags): KeyGroup[] {
  const given = Object.values(recipients).some((texts) => texts.some((text) => text !== ''))
  if (!given && rule) return rule.groups
  if (!given) {
    const message = 'no recipient is named, and there is no .sops.yaml with creation rules'
    const hint = 'name one: --age age1…, or write the rules: tasks secrets:key'
    throw new SecretError(message, { code: 'generic', hint })
  }
  try {
    const context = contextOf(flags.encryptionContext)
    return [parseRecipients(recipients, { awsProfile: flags.awsProfile, context })]
  } catch (error) {
    if (error instanceof SecretError) throw error
    throw new SecretError((error as Error).message, { code: 'generic', cause: error })
  }
}

function contextOf(text: string | undefined): Record<string, string> | undefined {
  if (!text) return undefined
  const pairs = text.split(',').map((pair) => pair.split(':'))
  if (pairs.every((pair) => pair.length === 2)) return Object.fromEntries(pairs)
  const hint = '--encryption-context app:web,stage:production'
  throw new SecretError('the encryption context is not NAME:VALUE,…', { code: 'kmsContext', hint })
}

function ignoredSelector({ kind }: Selector): Finding {
  return { severity: 'warning', message: `a binary file is encrypted as a whole: ${kind} is not looked at` }
}
