import type { OptionTable } from '../../cli/task.ts'
import type { PolicyFlags } from './encrypt-policy.ts'

/** How a file is encrypted, in the words of sops. */
export const policyOptions = {
  age: { type: 'list', short: 'a', valueName: 'RECIPIENT', summary: 'age recipients' },
  pgp: { type: 'list', short: 'p', valueName: 'FINGERPRINT', summary: 'OpenPGP fingerprints' },
  kms: { type: 'list', short: 'k', valueName: 'ARN', summary: 'AWS KMS keys' },
  awsProfile: { type: 'string', valueName: 'NAME', summary: 'the AWS profile for --kms' },
  encryptionContext: {
    type: 'string',
    valueName: 'KEY:VALUE,…',
    summary: 'the encryption context for --kms',
  },
  gcpKms: { type: 'list', valueName: 'ID', summary: 'Google Cloud KMS keys' },
  hckms: { type: 'list', valueName: 'REGION:UUID', summary: 'HuaweiCloud KMS keys' },
  azureKv: { type: 'list', valueName: 'URL', summary: 'Azure Key Vault keys' },
  hcVaultTransit: { type: 'list', valueName: 'URI', summary: 'keys of Vault' },
  shamirSecretSharingThreshold: { type: 'number', summary: 'how many key groups are needed' },
  unencryptedSuffix: { type: 'string', summary: 'leave keys with this suffix in clear' },
  encryptedSuffix: { type: 'string', summary: 'encrypt keys with this suffix only' },
  unencryptedRegex: { type: 'string', valueName: 'REGEX', summary: 'leave keys that match in clear' },
  encryptedRegex: { type: 'string', valueName: 'REGEX', summary: 'encrypt keys that match only' },
  unencryptedCommentRegex: {
    type: 'string',
    valueName: 'REGEX',
    summary: 'leave what such a comment marks in clear',
  },
  encryptedCommentRegex: {
    type: 'string',
    valueName: 'REGEX',
    summary: 'encrypt what such a comment marks only',
  },
  macOnlyEncrypted: { type: 'boolean', summary: 'let clear values be changed without a key' },
} as const satisfies OptionTable

type Values = {
  [K in keyof typeof policyOptions]?: (typeof policyOptions)[K]['type'] extends 'list'
    ? string[]
    : (typeof policyOptions)[K]['type'] extends 'number'
      ? number
      : (typeof policyOptions)[K]['type'] extends 'boolean'
        ? boolean
        : string
}

/** What was given of these options. */
export function policyFlags(options: Values): PolicyFlags {
  const { awsProfile, encryptionContext, macOnlyEncrypted, shamirSecretSharingThreshold: threshold } = options
  return {
    recipients: {
      kms: options.kms,
      gcp_kms: options.gcpKms,
      hckms: options.hckms,
      azure_kv: options.azureKv,
      pgp: options.pgp,
      hc_vault: options.hcVaultTransit,
      age: options.age,
    },
    selectors: {
      unencrypted_suffix: options.unencryptedSuffix,
      encrypted_suffix: options.encryptedSuffix,
      unencrypted_regex: options.unencryptedRegex,
      encrypted_regex: options.encryptedRegex,
      unencrypted_comment_regex: options.unencryptedCommentRegex,
      encrypted_comment_regex: options.encryptedCommentRegex,
    },
    ...{ awsProfile, encryptionContext, macOnlyEncrypted, threshold },
  }
}
