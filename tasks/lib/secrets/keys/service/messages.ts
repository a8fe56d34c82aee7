import type { MasterKey } from '../master-key.ts'
import { encodeMessage, type Field, nested } from './protobuf.ts'

/** An EncryptRequest or a DecryptRequest: the key, and what to encrypt or decrypt. Source: sops, keyservice.proto. */
export function requestMessage(key: MasterKey, data: string | Uint8Array): Buffer {
  const [number, fields] = keyFields(key)
  return Buffer.concat([nested(1, nested(number, encodeMessage(fields))), encodeMessage([[2, data]])])
}

/** The field of EncryptResponse and DecryptResponse that holds the result. */
export const resultField = 1

// The number of the kind of key in the message Key, and the fields of that kind.
function keyFields(key: MasterKey): [number: number, fields: Field[]] {
  switch (key.type) {
    case 'kms':
      return [1, kmsFields(key)]
    case 'pgp':
      return [2, [[1, key.fp]]]
    case 'gcp_kms':
      return [3, [[1, key.resourceId]]]
    case 'azure_kv':
      return [4, numbered(key.vaultUrl, key.name, key.version)]
    case 'hc_vault':
      return [5, numbered(key.address, key.enginePath, key.keyName)]
    case 'age':
      return [6, [[1, key.recipient]]]
    case 'hckms':
      return [7, [[1, key.keyId]]]
  }
}

function kmsFields({
  arn,
  role = '',
  context = {},
  awsProfile = '',
}: Extract<MasterKey, { type: 'kms' }>): Field[] {
  const pairs = Object.entries(context).map(
    ([name, value]): Field => [3, encodeMessage(numbered(name, value))],
  )
  return [[1, arn], [2, role], ...pairs, [4, awsProfile]]
}

function numbered(...values: string[]): Field[] {
  return values.map((value, index): Field => [index + 1, value])
}
