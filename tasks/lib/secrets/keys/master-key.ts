/** A key that wraps the data key of a file. `enc` is the wrapped data key; not there before it has been wrapped. */
export type MasterKey = AgeKey | PgpKey | ServiceKey

interface Wrapped {
  enc?: string
}

export interface AgeKey extends Wrapped {
  type: 'age'
  /** age1…, age1pq1…, age1NAME1… (plugin), "ssh-ed25519 AAAA…" or "ssh-rsa AAAA…". */
  recipient: string
}

export interface PgpKey extends Wrapped {
  type: 'pgp'
  /** 40 upper-case hexadecimal digits of the primary key; a subkey's end in "!". */
  fp: string
  /** RFC 3339; set when it is wrapped. */
  createdAt?: string
}

/** Keys that live in a service; `sops keyservice` reaches them. */
export type ServiceKey = KmsKey | GcpKmsKey | AzureKey | VaultKey | HuaweiKey

interface Dated extends Wrapped {
  createdAt?: string
}

export interface KmsKey extends Dated {
  type: 'kms'
  arn: string
  role?: string
  context?: Record<string, string>
  awsProfile?: string
}

export interface GcpKmsKey extends Dated {
  type: 'gcp_kms'
  resourceId: string
}

export interface AzureKey extends Dated {
  type: 'azure_kv'
  vaultUrl: string
  name: string
  version: string
}

export interface VaultKey extends Dated {
  type: 'hc_vault'
  address: string
  enginePath: string
  keyName: string
}

export interface HuaweiKey extends Dated {
  type: 'hckms'
  keyId: string
}

export type KeyGroup = MasterKey[]
export type KeyType = MasterKey['type']

/** What tells a key from others of its type, as sops prints it: the recipient, fingerprint, ARN or address. */
export function keyName(key: MasterKey): string {
  switch (key.type) {
    case 'age':
      return key.recipient
    case 'pgp':
      return key.fp
    case 'kms':
      return key.role ? `${key.arn}+${key.role}` : key.arn
    case 'gcp_kms':
      return key.resourceId
    case 'azure_kv':
      return `${key.vaultUrl}/keys/${key.name}/${key.version}`
    case 'hc_vault':
      return `${key.address}/v1/${key.enginePath}/keys/${key.keyName}`
    case 'hckms':
      return key.keyId
  }
}

/** "age age1qx…", the same for the same key in any file: ssh keys may have a comment behind them. */
export function keyIdentity(key: MasterKey): string {
  const name = keyName(key)
  return `${key.type} ${name.startsWith('ssh-') ? name.split(/\s+/, 2).join(' ') : name}`
}
