import type { JsonMap } from '../../manifest/object.ts'

/** A key for encryption at rest: 32 bytes as base64, under the name that etcd's values carry. */
export interface EncryptionKey {
  name: string
  secret: string
}

/**
 * The file of --encryption-provider-config: Secrets at rest by secretbox, the first key writes, all read.
 * `identity` comes last and only while Secrets written before encryption are still being rewritten.
 */
export function encryptionConfiguration(
  keys: EncryptionKey[],
  options: { readsPlaintext?: boolean } = {},
): JsonMap {
  const secretbox = { secretbox: { keys: keys.map(({ name, secret }) => ({ name, secret })) } }
  return {
    apiVersion: 'apiserver.config.k8s.io/v1',
    kind: 'EncryptionConfiguration',
    resources: [
      {
        resources: ['secrets'],
        providers: options.readsPlaintext ? [secretbox, { identity: {} }] : [secretbox],
      },
    ],
  }
}
