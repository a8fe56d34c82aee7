import { describe, expect, test } from 'vitest'
import { parseJson, stringifyJson } from '../../tasks/lib/manifest/json.ts'
import fc from '../support/fast-check.ts'

describe('whole numbers in JSON', () => {
  test.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', 9007199254740993n],
    ['-9223372036854775808', -9223372036854775808n],
    ['9223372036854775807', 9223372036854775807n],
    ['9223372036854775808', 9223372036854776000],
    ['1234567890123456.5', 1234567890123456.5],
    ['1234567890123456789e2', 123456789012345680000],
    ['{"a":"1234567890123456789"}', { a: '1234567890123456789' }],
    [
      '{"a\\\\":[1234567890123456789,"\\"9007199254740993"]}',
      { 'a\\': [1234567890123456789n, '"9007199254740993'] },
    ],
    ['{"9007199254740993":1}', { '9007199254740993': 1 }],
  ])('%s is read without loss within int64', (text, value) => {
    expect(parseJson(text)).toEqual(value)
  })

  test('a string that looks like an internal mark stays a string', () => {
    const text = '["\ue000123","\\uE001456",9007199254740993]'
    expect(parseJson(text)).toEqual(['\ue000123', '\ue001456', 9007199254740993n])
  })

  test('a BigInt is printed as a number, compact or indented', () => {
    const value = { a: [1n, 'x', null, undefined], skipped: undefined, empty: {}, at: new Date(0) }
    const same = { ...value, a: [1, 'x', null, undefined] }
    expect(stringifyJson(value)).toBe(JSON.stringify(same))
    expect(stringifyJson(value, 2)).toBe(JSON.stringify(same, null, 2))
  })

  test('what is written is read back the same', () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.bigInt(2n ** 53n, 2n ** 63n - 1n),
      fc.boolean(),
      fc.constant(null),
    )
    const value = fc.letrec((tie) => ({
      value: fc.oneof(scalar, fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
    })).value
    fc.assert(
      fc.property(value, (data) => {
        expect(parseJson(stringifyJson(data))).toEqual(data)
      }),
    )
  })
})
