import type { AzureKey, KeyType, KmsKey, MasterKey, VaultKey } from '../keys/master-key.ts'

/** Recipients as they are typed, by the kind of key: each text is one, or several with commas between them. */
export type RecipientTexts = Partial<Record<KeyType, readonly string[]>>

/** What AWS keys get besides their ARN. */
export interface KmsOptions {
  awsProfile?: string
  context?: Record<string, string>
}

/** The keys that are named, kind after kind in the order given. Throws a plain Error that says what is expected. */
export function parseRecipients(texts: RecipientTexts, options: KmsOptions = {}): MasterKey[] {
  return (Object.keys(texts) as KeyType[]).flatMap((type) =>
    texts[type]!.flatMap((text) => text.split(','))
      .map((text) => text.trim())
      .filter((text) => text !== '')
      .map((text) => readers[type](text, options)),
  )
}

const readers: Record<KeyType, (text: string, options: KmsOptions) => MasterKey> = {
  age: ageKey,
  pgp: (text) => ({ type: 'pgp', fp: text.replaceAll(' ', '').toUpperCase() }),
  kms: kmsKey,
  gcp_kms: (text) => ({ type: 'gcp_kms', resourceId: text.replaceAll(' ', '') }),
  hckms: huaweiKey,
  azure_kv: azureKey,
  hc_vault: vaultKey,
}

// Whether the recipient is whole is seen when a data key is wrapped for it.
function ageKey(recipient: string): MasterKey {
  if (/^(age1|ssh-)/.test(recipient)) return { type: 'age', recipient }
  if (/^AGE-(SECRET-KEY|PLUGIN)-/i.test(recipient))
    throw new Error('an age identity stands where a recipient belongs: a recipient begins with age1')
  throw new Error(`${shortened(recipient)} is no age recipient: it begins with age1, ssh-ed25519 or ssh-rsa`)
}

// An ARN has no colon after its path: "+arn:" begins the role.
function kmsKey(text: string, { awsProfile, context }: KmsOptions): KmsKey {
  const [arn, role] = text.replaceAll(' ', '').split(/\+(?=arn:)/)
  return {
    type: 'kms',
    arn: arn!,
    ...(role && { role }),
    ...(context && { context }),
    ...(awsProfile && { awsProfile }),
  }
}

function huaweiKey(keyId: string): MasterKey {
  if (/^[^:]+:.+$/.test(keyId)) return { type: 'hckms', keyId }
  throw new Error(`${shortened(keyId)} is no HuaweiCloud key: it is REGION:KEY-UUID`)
}

function azureKey(url: string): AzureKey {
  const [, vaultUrl, name, version] = /^(https:\/\/[^/]+)\/keys\/([^/]+)(?:\/([^/]*))?$/.exec(url) ?? []
  if (!vaultUrl) throw new Error(`${shortened(url)} is no Azure key: it is https://VAULT/keys/NAME/VERSION`)
  return azureKeyOf({ vaultUrl, name: name!, version })
}

/** An Azure key in parts. Its version has to be named: only Azure knows the newest. */
export function azureKeyOf(key: { vaultUrl: string; name: string; version?: string }): AzureKey {
  const { vaultUrl, name, version } = key
  if (version) return { type: 'azure_kv', vaultUrl, name, version }
  throw new Error(`the Azure key ${vaultUrl}/keys/${name} needs its version`)
}

function vaultKey(uri: string): VaultKey {
  const [, address, path] = /^([a-z][a-z0-9+.-]*:\/\/[^/]+)\/v\d+\/(.+)$/i.exec(uri) ?? []
  const parts = path?.replace(/\/+$/, '').split('/') ?? []
  if (parts.length < 3) {
    const form = 'https://vault.example.com:8200/v1/transit/keys/NAME'
    throw new Error(`${shortened(uri)} is no Vault key: it is like ${form}`)
  }
  return {
    type: 'hc_vault',
    address: address!,
    enginePath: parts.slice(0, -2).join('/'),
    keyName: parts.at(-1)!,
  }
}

function shortened(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
