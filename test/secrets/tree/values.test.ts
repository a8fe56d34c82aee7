import { expect, test } from 'vitest'
import { floatText, parseValue, valueBytes } from '../../../tasks/lib/secrets/tree/values.ts'
import fc from '../../support/fast-check.ts'

test.each([
  [1, '1'],
  [1e3, '1000'],
  [1e-7, '0.0000001'],
  [1e21, '1000000000000000000000'],
  [-0, '-0'],
  [0, '0'],
  [-1.5e-10, '-0.00000000015'],
  [123.456, '123.456'],
  [0.1, '0.1'],
  [1.7976931348623157e308, `17976931348623157${'0'.repeat(292)}`],
  [Number.NaN, 'NaN'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
])('%d is printed as Go prints it: %s', (value, text) => {
  expect(floatText(value)).toBe(text)
})

test('every float that is printed reads back as the same float', () => {
  fc.assert(
    fc.property(fc.double(), (value) => Object.is(parseValue('float', valueBytes(value)), value)),
    { numRuns: 2000 },
  )
})

test.each([
  ['int', '1.5'],
  ['int', ''],
  ['int', '0x1f'],
  ['float', 'one'],
  ['bool', 'yes'],
] as const)('a decrypted %s that reads %s is refused', (type, text) => {
  expect(() => parseValue(type, Buffer.from(text))).toThrow(/^the value is n/)
})
