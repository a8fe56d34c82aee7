import type { KeyType } from '../keys/master-key.ts'

/**
 * The list of each type of key in a sops block, in the order in which sops reads them: name in the file -> property.
 * Source: getsops/sops stores/stores.go.
 */
export const keyFields: Record<KeyType, Record<string, string>> = {
  kms: {
    arn: 'arn',
    aws_profile: 'awsProfile',
    context: 'context',
    created_at: 'createdAt',
    enc: 'enc',
    role: 'role',
  },
  gcp_kms: { created_at: 'createdAt', enc: 'enc', resource_id: 'resourceId' },
  hckms: { created_at: 'createdAt', enc: 'enc', key_id: 'keyId' },
  azure_kv: {
    created_at: 'createdAt',
    enc: 'enc',
    name: 'name',
    vault_url: 'vaultUrl',
    version: 'version',
  },
  hc_vault: {
    created_at: 'createdAt',
    enc: 'enc',
    engine_path: 'enginePath',
    key_name: 'keyName',
    vault_address: 'address',
  },
  pgp: { created_at: 'createdAt', enc: 'enc', fp: 'fp' },
  age: { enc: 'enc', recipient: 'recipient' },
}

/** Fields that are left out of a sops block where they are empty; all others are written as ''. */
export const leftOutWhenEmpty: readonly string[] = ['role', 'context']
