import { expect, test } from 'vitest'
import type { MasterKey } from '../../../tasks/lib/secrets/keys/master-key.ts'
import { requestMessage } from '../../../tasks/lib/secrets/keys/service/messages.ts'
import { fieldOf } from '../../../tasks/lib/secrets/keys/service/protobuf.ts'

// Each field is its number times 8 plus 2, its length, and its bytes; 0a is field 1, 12 field 2, and so on.
test.each<[MasterKey, string]>([
  [{ type: 'pgp', fp: 'AB' }, '0a06 1204 0a024142 120164'],
  [{ type: 'age', recipient: 'ab' }, '0a06 3204 0a026162 120164'],
  [{ type: 'gcp_kms', resourceId: 'ab' }, '0a06 1a04 0a026162 120164'],
  [{ type: 'hckms', keyId: 'ab' }, '0a06 3a04 0a026162 120164'],
  [{ type: 'azure_kv', vaultUrl: 'u', name: 'n', version: 'v' }, '0a0b 2209 0a0175 12016e 1a0176 120164'],
  [{ type: 'azure_kv', vaultUrl: 'u', name: 'n', version: '' }, '0a08 2206 0a0175 12016e 120164'],
  [
    { type: 'hc_vault', address: 'a', enginePath: 'e', keyName: 'k' },
    '0a0b 2a09 0a0161 120165 1a016b 120164',
  ],
  [{ type: 'kms', arn: 'a' }, '0a05 0a03 0a0161 120164'],
  [
    { type: 'kms', arn: 'a', role: 'r', context: { k: 'v', e: '' }, awsProfile: 'p' },
    '0a18 0a16 0a0161 120172 1a060a016b120176 1a030a0165 220170 120164',
  ],
])('the request for %j has the fields of keyservice.proto', (key, hex) => {
  expect(requestMessage(key, 'd').toString('hex')).toBe(hex.replaceAll(' ', ''))
})

test('long values have a length of several bytes', () => {
  const message = requestMessage({ type: 'pgp', fp: '' }, 'x'.repeat(70_000))
  expect(message.subarray(0, 8).toString('hex')).toBe('0a02120012f0a204')
  expect(fieldOf(message, 2)).toHaveLength(70_000)
})

test.each(['0a', '0a05 61', '08 01', 'ffffffffffffff'])('the damaged message %s is refused', (hex) => {
  expect(() => fieldOf(Buffer.from(hex.replace(' ', ''), 'hex'), 1)).toThrow('its answer is damaged')
})
